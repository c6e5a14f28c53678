#pragma once
// From a matching to findings: what counts for whom, the variance, and a waterfall of causes that adds up to it
// exactly. Pure; docs/reconciliation.md, "Causes".

#include <span>

#include "base/error.h"
#include "reconcile/model.h"

namespace tallystick::reconcile {

struct ExplainRules {
  Period period;
  std::int64_t tolerance_basis_points = 200;
  std::int64_t rounding_minor = 1;  // of a matched pair, still called rounding
};

// Error code: "amount_overflow".
[[nodiscard]] base::Result<Outcome> explain(std::span<const Claim> claims,
                                            std::span<const Truth> truths,
                                            const Matching& matching,
                                            const ExplainRules& rules);

}  // namespace tallystick::reconcile
