#pragma once
// The SQL of deliveries. In the caller's transaction; throws soci::soci_error.

#include <optional>
#include <vector>

#include <soci/soci.h>

#include "alerts/delivery.h"

namespace tallystick::alerts {

// Of an alert on all channels; in the order of creation. Bounded: an alert has few changes, and there are at most
// kMaxChannels.
[[nodiscard]] std::vector<Delivery> load_deliveries(soci::session& session, const base::Uuid& alert_id);
// For a change: other changes of the delivery wait until the transaction ends.
[[nodiscard]] std::optional<Delivery> lock_delivery(soci::session& session, const base::Uuid& id);
void insert(soci::session& session, const Delivery& delivery);
// State, attempts, reason, detail, due and finishing time.
void update(soci::session& session, const Delivery& delivery);

}  // namespace tallystick::alerts
