#pragma once
// What counts, and the table of causes for records of a match. Pure; docs/reconciliation.md, "What counts" and
// "Causes".

#include "reconcile/explain.h"
#include "reconcile/model.h"
#include "reconcile/wide.h"

namespace tallystick::reconcile {

[[nodiscard]] bool counts_for_us(const Truth& truth, const Period& period);
[[nodiscard]] bool counts_for_them(const Claim& claim, const Period& period);

// Of a match of which one side counts.
[[nodiscard]] Cause cause_when_only_ours_counts(const Claim& claim, const Truth& truth, const Period& period);
[[nodiscard]] Cause cause_when_only_theirs_counts(const Claim& claim, const Truth& truth, const Period& period);
// Of a match of which both count, in one currency. `corrections` is the sum of those that amend the claim; 0: none.
[[nodiscard]] Cause cause_when_both_count(std::int64_t theirs,
                                          std::int64_t ours,
                                          Wide corrections,
                                          const ExplainRules& rules);

// Pending, locked (approved or paid) or reversed: whether the two sides do not say the same of it.
[[nodiscard]] bool differ_in_status(Status left, Status right);

}  // namespace tallystick::reconcile
