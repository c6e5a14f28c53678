#pragma once
// A row of a partner's report in one form, whichever network wrote it (30-partners, "Report import").

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "base/error.h"
#include "base/money.h"
#include "base/time.h"
#include "base/uuid.h"
#include "reconcile/model.h"

namespace tallystick::settlement {

struct ReportRow {
  std::string key;                     // the network's own, or a digest of the row with its number among equal ones
  std::int64_t version = 1;            // counted up when a later import states something else under the key
  base::Uuid import_id;                // which import stated this version
  std::int64_t line = 0;               // of its file, from 1
  base::Timestamp occurred_at;         // of the sale
  base::Timestamp booked_at;           // when they booked it; occurred_at where the report has no such column
  base::Timestamp clicked_at = {};     // zero: not stated
  base::Timestamp first_seen_at = {};  // when the first version was imported
  std::string sub_id = {};             // as they wrote it
  std::string order_id = {};
  std::string transaction_id = {};
  std::string advertiser = {};
  std::int64_t amount_minor = 0;
  std::int64_t commission_minor = 0;
  base::Currency currency;
  reconcile::Status status = reconcile::Status::kApproved;
  std::string network_status = {};  // their own word
  bool is_correction = false;
};

// The present versions, of completed imports, of a partner's rows whose time of sale or booking lies in [from, to), in
// the order of their keys. In the caller's transaction; throws soci::soci_error.
void for_each_row(soci::session& session,
                  const base::Uuid& partner_id,
                  base::Timestamp from,
                  base::Timestamp to,
                  const std::function<void(ReportRow&&)>& take);

// Clicks that the partner's performance reports state for days in [from, to), in the partner's time zone; nothing when
// no report states any.
[[nodiscard]] std::optional<std::int64_t> load_stated_clicks(soci::session& session,
                                                             const base::Uuid& partner_id,
                                                             base::Timestamp from,
                                                             base::Timestamp to);

}  // namespace tallystick::settlement
