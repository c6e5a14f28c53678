#pragma once
// What the schedule asks of a partner's reports. In the caller's transaction; throws soci::soci_error.

#include <optional>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "base/time.h"
#include "base/uuid.h"
#include "settlement/reconciliation_period.h"

namespace tallystick::settlement {

// When its last row before `now` was booked; nothing when it has none.
[[nodiscard]] std::optional<base::Timestamp> find_last_booking(soci::session& session,
                                                               const base::Uuid& partner_id,
                                                               base::Timestamp now);

// Whether an import that was completed after `since` stated rows that happened or were booked in the span.
[[nodiscard]] bool has_rows_since(soci::session& session,
                                  const base::Uuid& partner_id,
                                  const Span& span,
                                  base::Timestamp since);

inline constexpr std::int64_t kMomentUs = 15 * base::kMicrosPerMinute;

// The quarters of an hour in which rows of the import happened or were booked, each once: no day of any zone begins
// within one.
[[nodiscard]] std::vector<base::Timestamp> load_moments_of_import(soci::session& session, const base::Uuid& import_id);

}  // namespace tallystick::settlement
