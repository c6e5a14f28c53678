#pragma once
// Makes up a month of settlement: sales of ours, rows of theirs, and beside them the causes of every difference,
// written down as each is planted, by the definitions of docs/reconciliation.md and without any of the code that is to
// find them. The same settings give the same plan. Pure but for the system's time zones.

#include "base/error.h"
#include "cli/settle_model.h"

namespace tallystick::cli {

// Error codes: those of the time zones.
[[nodiscard]] base::Result<SettlePlan> make_settle_plan(const SettleSettings& settings);

// Fewer would leave no room for every cause in every currency.
inline constexpr std::int64_t kMinSettleConversions = 320;
inline constexpr std::int64_t kMaxSettleConversions = 200'000;

}  // namespace tallystick::cli
