#pragma once
// How well a claim and a truth fit that no id connects: in millionths, from time, amount, link, order id and standing.
// Integers only, so that it is the same everywhere. Thread-safe; docs/reconciliation.md, "Confidence".

#include <cstdint>
#include <vector>

#include "reconcile/arithmetic.h"
#include "reconcile/matcher.h"
#include "reconcile/model.h"
#include "reconcile/pair_habits.h"

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

inline constexpr std::int32_t kBestScore = 950'000;  // an assignment is never certain
inline constexpr std::int64_t kMaxAmountBasisPoints = 5'000;

class PairScore {
 public:
  // Habits of fewer pairs than PairHabits::kLeast are none.
  explicit PairScore(const MatchRules& rules, const PairHabits& habits = {});

  // 0: no candidates (another currency, another link, too far apart in time or amount, or below the least confidence).
  [[nodiscard]] std::int32_t of(const PairSide& claim, const PairSide& truth) const;
  // Of two that an id connects already: whatever they say, 1 at least.
  [[nodiscard]] std::int32_t of_connected(const PairSide& claim, const PairSide& truth) const;

  [[nodiscard]] bool is_within_lag(const PairSide& claim, const PairSide& truth) const {
    return distance(claim.occurred_us, truth.occurred_us) <= static_cast<std::uint64_t>(max_lag_us_);
  }
  [[nodiscard]] static bool may_share_link(const PairSide& claim, const PairSide& truth) {
    return claim.link_id.is_nil() || truth.link_id.is_nil() || claim.link_id == truth.link_id;
  }
  [[nodiscard]] std::uint64_t max_lag_us() const { return static_cast<std::uint64_t>(max_lag_us_); }
  [[nodiscard]] std::int64_t max_amount_basis_points() const { return max_basis_points_; }
  // How often conversions of a claim's amount come by, near it: as many in so long.
  struct Rate {
    std::uint64_t count = 0;
    std::uint64_t span_us = 0;
    bool is_link_known = false;  // whether they are those of one link
  };
  // What a match is worth above none at all; not positive: nothing. Where nothing is known of lags, that is the score
  // above the least one. Otherwise it is the odds that the two belong together, against the odds that they are two of
  // which the other side does not know: the more conversions like it there are, the less says one that is far away.
  [[nodiscard]] std::int32_t gain(std::int32_t score, const Rate& rate) const;

 private:
  [[nodiscard]] std::int32_t time_penalty(std::int64_t claim_us, std::int64_t truth_us) const;
  [[nodiscard]] std::int32_t penalty_of_bits(std::int64_t bits) const;
  [[nodiscard]] std::int32_t amount_penalty(std::uint64_t difference, std::uint64_t larger) const;

  std::int64_t max_lag_us_;
  std::int64_t max_basis_points_;
  std::int32_t least_;
  std::int64_t most_bits_;                     // how surprising a lag may be
  std::vector<std::int32_t> class_penalties_;  // of LagClass; empty: nothing is known
  std::int64_t best_density_ = 0;
  std::int32_t any_difference_;
  std::int32_t unknown_link_;
};

}  // namespace tallystick::reconcile
