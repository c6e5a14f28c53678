// How much of a generated month is found, beside a matcher that takes the best pair first and the next best after it.
#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "reconcile/matcher.h"
#include "reconcile/pair_score.h"
#include "tests/reconcile/generated_month.h"

namespace tallystick::reconcile {
namespace {

using test::Month;
using test::MonthRules;
using test::Quality;

// The baseline: ids as we match them, then every remaining pair by its score, the best first.
std::vector<Match> match_greedily(const Month& month) {
  std::vector<Match> matches;
  std::vector<bool> is_claim_taken(month.claims.size(), false);
  std::vector<bool> is_truth_taken(month.truths.size(), false);
  const Matching matching = match(month.claims, month.truths, {}).value();
  for (const Match& one : matching.matches) {
    if (one.rule != MatchRule::kAssignment) {
      matches.push_back(one);
      is_claim_taken[one.claim] = is_truth_taken[one.truth] = true;
    }
  }
  const PairScore score({});
  std::vector<PairSide> truths;
  for (const Truth& truth : month.truths) {
    truths.push_back(side_of(truth));
  }
  std::vector<std::tuple<std::int32_t, std::uint32_t, std::uint32_t>> pairs;
  for (std::uint32_t c = 0; c < month.claims.size(); ++c) {
    const PairSide claim = side_of(month.claims[c]);
    for (std::uint32_t t = 0; t < truths.size() && !is_claim_taken[c]; ++t) {
      if (!is_truth_taken[t]) {
        if (const std::int32_t one = score.of(claim, truths[t]); one > 0) {
          pairs.emplace_back(-one, c, t);
        }
      }
    }
  }
  std::sort(pairs.begin(), pairs.end());
  for (const auto& [cost, c, t] : pairs) {
    if (!is_claim_taken[c] && !is_truth_taken[t]) {
      is_claim_taken[c] = is_truth_taken[t] = true;
      matches.push_back({.claim = c, .truth = t, .rule = MatchRule::kAssignment});
    }
  }
  return matches;
}

struct Totals {
  Quality ours, greedy;

  void add(const Totals& other) {
    for (const auto& [sum, one] : {std::pair(&ours, other.ours), std::pair(&greedy, other.greedy)}) {
      sum->right += one.right;
      sum->made += one.made;
      sum->there += one.there;
    }
  }

  void add(const Month& month) {
    const Matching matching = match(month.claims, month.truths, {}).value();
    add(Totals{quality_of(month, matching.matches, false), quality_of(month, match_greedily(month), false)});
  }
};

TEST(MatchingQuality, FindsWhatBelongsTogetherInAMonthWithMissingIds) {
  for (const MonthRules& rules : {
           MonthRules{.conversions = 3'000},
           MonthRules{.conversions = 1'500, .without_ids_percent = 100, .only_order_percent = 0},
           MonthRules{.conversions = 2'000, .list_price_percent = 100},
       }) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      MonthRules with_seed = rules;
      with_seed.seed = seed;
      Totals totals;
      totals.add(test::MonthMaker(with_seed).make());
      EXPECT_GE(totals.ours.f1(), 0.99) << "seed " << seed;
      EXPECT_GE(totals.ours.f1(), totals.greedy.f1()) << "seed " << seed;
    }
  }
}

TEST(MatchingQuality, IsBetterThanAGreedyMatcherWhereEverybodyBuysAtOnce) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {  // forty prices, a sale a minute
    totals.add(test::MonthMaker({.conversions = 1'500, .seed = seed, .days = 1, .list_price_percent = 100}).make());
  }
  EXPECT_GT(totals.ours.f1(), totals.greedy.f1());
  EXPECT_GE(totals.ours.f1(), 0.98);
}

// Where two rows of one amount fit two sales equally well either way round, a coin is thrown, and in a small month that
// may be all that the two matchers differ in. So a single draw may fall the other way, by a few pairs; many do not.
TEST(MatchingQuality, LosesNoMoreThanAThrowOfACoinInAnyDraw) {
  constexpr std::int64_t kPairs = 3;
  for (const MonthRules& rules : {
           MonthRules{.conversions = 500},
           MonthRules{.conversions = 500, .without_ids_percent = 100, .only_order_percent = 0},
           MonthRules{.conversions = 500, .days = 1, .list_price_percent = 100},
       }) {
    Totals all;
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
      MonthRules with_seed = rules;
      with_seed.seed = seed;
      const Month month = test::MonthMaker(with_seed).make();
      Totals one;
      one.add(month);
      EXPECT_GE(static_cast<std::int64_t>(one.ours.right) + kPairs, static_cast<std::int64_t>(one.greedy.right))
          << "seed " << seed;
      all.add(one);
    }
    EXPECT_GE(all.ours.f1(), all.greedy.f1())
        << rules.days << " days, " << rules.without_ids_percent << " % without ids";
  }
}

}  // namespace
}  // namespace tallystick::reconcile
