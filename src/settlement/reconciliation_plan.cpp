#include "settlement/reconciliation_plan.h"

#include <algorithm>

namespace tallystick::settlement {

std::optional<Days> days_to_reconcile(const Days& month, base::Date today, base::Date reach) {
  if (month.to < today) {
    return month;
  }
  const base::Date last = std::min(today + -1, reach);
  return last < month.from ? std::nullopt : std::optional(Days{month.from, last});
}

}  // namespace tallystick::settlement
