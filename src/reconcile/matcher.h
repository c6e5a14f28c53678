#pragma once
// Pairs claims with truths, one to one: by our click id, then by order id, then, for claims that name neither, by an
// optimal assignment over each group of competitors (time, amount, currency, link). The same result whatever the order
// of the rows. Pure; docs/reconciliation.md, "Matching".

#include <cstddef>
#include <span>

#include "base/error.h"
#include "reconcile/model.h"

namespace tallystick::reconcile {

struct MatchRules {
  std::int64_t max_time_lag_us = 48 * base::kMicrosPerHour;  // between a claim and its truth, for an assignment
  std::int64_t max_amount_basis_points = 500;                // by which their amounts may differ then
  std::uint16_t min_confidence_permille = 500;               // below it no assignment is made
};

// On a side; numbers of pairs then fit into 32 bits.
inline constexpr std::size_t kMaxRecords = std::size_t{1} << 26;

// Error code: "too_many_records".
[[nodiscard]] base::Result<Matching> match(std::span<const Claim> claims,
                                           std::span<const Truth> truths,
                                           const MatchRules& rules);

}  // namespace tallystick::reconcile
