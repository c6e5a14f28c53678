#pragma once
// The SQL of alerts. In the caller's transaction; throws soci::soci_error.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "alerts/model.h"

namespace tallystick::alerts {

struct AlertFilter {
  std::optional<State> state = {};
  std::optional<Severity> severity = {};
};

void insert(soci::session& session, const Alert& alert);
void update(soci::session& session, const Alert& alert);
// For a change: other changes of the alert wait until the transaction ends, so that no occurrence and no note is lost.
[[nodiscard]] std::optional<Alert> lock_alert(soci::session& session, const base::Uuid& id);
// The one of this key that is not resolved, for a change too.
[[nodiscard]] std::optional<Alert> lock_unresolved(soci::session& session, std::string_view dedupe_key);
[[nodiscard]] std::optional<Alert> find_alert(soci::session& session, const base::Uuid& id);
// In the order of creation, after the id `after`.
[[nodiscard]] std::vector<Alert> load_alerts(soci::session& session,
                                             const AlertFilter& filter,
                                             std::string_view after,
                                             std::int64_t max_alerts);
// Whose key is `name` or begins with "<name>:".
[[nodiscard]] std::vector<Alert> load_unresolved(soci::session& session,
                                                 std::string_view name,
                                                 std::int64_t max_alerts);
[[nodiscard]] std::array<std::int64_t, kSeverityCount> count_unresolved(soci::session& session);

}  // namespace tallystick::alerts
