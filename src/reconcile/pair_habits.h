#pragma once
// What pairs of a partner usually look like: how long after our conversion, or before it, they say that it happened,
// and how often amounts differ and links are unknown. Counted over pairs that are matched already, so that those which
// no id connects are judged by what is usual. Integers only; the same for any order of rows.
// docs/reconciliation.md, "What is usual".

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "reconcile/model.h"

namespace tallystick::reconcile {

// Classes of lags: of a second each up to four, then four to every doubling, up to three days; on both sides of 0.
struct LagClass {
  static constexpr std::int64_t kSide = 64;
  static constexpr std::size_t kAll = 2 * kSide;
  static constexpr unsigned kPlaceBits = 18;

  // Where a lag lies on the line of classes, in 2^18ths of one: monotonous, linear within a class.
  [[nodiscard]] static std::int64_t place_of(bool is_before, std::uint64_t lag_us);
};

// Surprises, in 2^20ths of a bit (logarithm.h): how much less likely something is than what is likeliest.
struct UsualPairs {
  std::vector<std::int64_t> lags;  // by class, of a moment in it
  std::int64_t other_amount = 0;
  std::int64_t unknown_link = 0;
  std::int64_t best_density = 0;  // of the likeliest class: the logarithm of the share that falls into one second
};

class PairHabits {
 public:
  // Fewer pairs say nothing about what is usual.
  static constexpr std::uint64_t kLeast = 256;

  // Matches with clicks are left out: these say nothing of an amount.
  void add(std::span<const Match> matches, std::span<const Claim> claims, std::span<const Truth> truths);
  [[nodiscard]] std::uint64_t total() const { return total_; }

  // One pair of 256 is taken to lag as it would without any knowledge, so that nothing is impossible.
  [[nodiscard]] UsualPairs usual() const;

 private:
  std::vector<std::uint32_t> lags_;  // by class
  std::uint64_t total_ = 0;
  std::uint64_t other_amounts_ = 0;
  std::uint64_t unknown_links_ = 0;
};

}  // namespace tallystick::reconcile
