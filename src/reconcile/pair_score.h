#pragma once
// How well a claim and a truth fit that no id connects: in millionths, from time, amount, link, order id and standing.
// Integers only, so that it is the same everywhere. Thread-safe; docs/reconciliation.md, "Confidence".

#include <cstdint>

#include "reconcile/matcher.h"
#include "reconcile/model.h"

namespace tallystick::reconcile {

// What the score looks at, of a claim or a truth.
struct PairSide {
  std::int64_t occurred_us = 0;
  std::int64_t amount_minor = 0;
  base::Uuid link_id = {};
  base::Currency currency;
  bool has_order = false;
  bool stands = true;  // neither taken back nor filtered
};

[[nodiscard]] PairSide side_of(const Claim& claim);
[[nodiscard]] PairSide side_of(const Truth& truth);

// Without overflow, whatever the two are.
[[nodiscard]] constexpr std::uint64_t distance(std::int64_t left, std::int64_t right) {
  return left > right ? static_cast<std::uint64_t>(left) - static_cast<std::uint64_t>(right)
                      : static_cast<std::uint64_t>(right) - static_cast<std::uint64_t>(left);
}

inline constexpr std::int32_t kBestScore = 950'000;  // an assignment is never certain
inline constexpr std::int64_t kMaxAmountBasisPoints = 5'000;

class PairScore {
 public:
  explicit PairScore(const MatchRules& rules);

  // 0: no candidates (another currency, another link, too far apart in time or amount, or below the least confidence).
  [[nodiscard]] std::int32_t of(const PairSide& claim, const PairSide& truth) const;
  // Of two that an id connects already: whatever they say, 1 at least.
  [[nodiscard]] std::int32_t of_connected(const PairSide& claim, const PairSide& truth) const;

  [[nodiscard]] bool is_within_lag(const PairSide& claim, const PairSide& truth) const {
    return distance(claim.occurred_us, truth.occurred_us) <= static_cast<std::uint64_t>(max_lag_us_);
  }
  [[nodiscard]] std::int64_t max_amount_basis_points() const { return max_basis_points_; }
  // What a match is worth above none at all; positive for every candidate.
  [[nodiscard]] std::int32_t gain(std::int32_t score) const { return score - least_ + 1; }

 private:
  [[nodiscard]] std::int32_t time_penalty(std::uint64_t lag_us) const;
  [[nodiscard]] std::int32_t amount_penalty(std::uint64_t difference, std::uint64_t larger) const;

  std::int64_t max_lag_us_;
  std::int64_t max_basis_points_;
  std::int32_t least_;
  std::int64_t max_lag_log_;
};

// Logarithm to base 2 of 1 + value / unit in 2^20ths, linear between powers of two: exact, monotonous, the same
// everywhere. `unit` is positive.
[[nodiscard]] std::int64_t log2_of_ratio(std::uint64_t value, std::uint64_t unit);

}  // namespace tallystick::reconcile
