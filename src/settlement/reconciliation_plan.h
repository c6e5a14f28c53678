#pragma once
// Which days are worth a reconciliation by itself. Pure.

#include <optional>

#include "base/time_zone.h"
#include "settlement/reconciliation_period.h"

namespace tallystick::settlement {

// Of a month: all of it once it is over; else as far as yesterday and the partner's reports reach, since days of which
// it has stated nothing yet would look like money that it owes. Nothing when no day is left. `reach`: the last day for
// which the partner has booked anything.
[[nodiscard]] std::optional<Days> days_to_reconcile(const Days& month, base::Date today, base::Date reach);

}  // namespace tallystick::settlement
