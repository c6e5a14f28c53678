#include "reconcile/pair_habits.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "reconcile/logarithm.h"
#include "reconcile/matcher.h"
#include "reconcile/pair_score.h"
#include "tests/reconcile/records.h"

namespace tallystick::reconcile {
namespace {

using test::claim;
using test::id;
using test::kNoon;
using test::truth;

constexpr std::int64_t kClass = std::int64_t{1} << LagClass::kPlaceBits;

std::int64_t class_of_seconds(std::int64_t seconds, bool is_before = false) {
  return LagClass::place_of(is_before, static_cast<std::uint64_t>(seconds * base::kMicrosPerSecond)) / kClass;
}

// Pairs that their order connects, `lag_us` after the conversion, a second apart.
struct OrderedPairs {
  std::vector<Claim> claims;
  std::vector<Truth> truths;

  void add(std::uint32_t count, std::int64_t lag_us, std::int64_t amount_minor = 1'000) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto number = static_cast<std::uint32_t>(truths.size());
      truths.push_back(truth(number + 1, 1'000, 100));
      truths.back().order_id = "order " + std::to_string(number);
      truths.back().occurred_at = kNoon + number * base::kMicrosPerSecond;
      claims.push_back(claim("r" + std::to_string(number), amount_minor, 100));
      claims.back().order_id = truths.back().order_id;
      claims.back().occurred_at = truths.back().occurred_at + lag_us;
    }
  }
  [[nodiscard]] PairHabits habits() const {
    PairHabits habits;
    habits.add(match(claims, truths, {}).value().matches, claims, truths);
    return habits;
  }
};

TEST(LagClass, IsASecondWideAtFirstAndTwiceAsWideWithEveryFour) {
  EXPECT_EQ(class_of_seconds(0), 64);
  EXPECT_EQ(class_of_seconds(1), 65);
  EXPECT_EQ(class_of_seconds(3), 67);
  EXPECT_EQ(class_of_seconds(4), 68);  // to 12 s: four of two seconds
  EXPECT_EQ(class_of_seconds(5), 68);
  EXPECT_EQ(class_of_seconds(6), 69);
  EXPECT_EQ(class_of_seconds(12), 72);
  EXPECT_EQ(class_of_seconds(2 * 86'400), 64 + 4 * 15 + 1);  // 4 * 2^15 <= 4 + 172,800 < 4 * 2^15 * 1.5
  EXPECT_EQ(class_of_seconds(400 * 86'400), 127);
  EXPECT_EQ(class_of_seconds(400 * 86'400, true), 0);
  EXPECT_EQ(class_of_seconds(1, true), 62);  // the moment at which one begins belongs to it
  EXPECT_EQ(LagClass::place_of(false, 0), 64 * kClass);
  EXPECT_EQ(LagClass::place_of(true, 0), 64 * kClass - 1);
  EXPECT_EQ(LagClass::place_of(false, 500'000), 64 * kClass + kClass / 2);
}

TEST(PairHabits, AWideClassIsLessLikelyASecondThanANarrowOneOfAsManyPairs) {
  OrderedPairs pairs;
  pairs.add(200, 0);
  pairs.add(200, 12 * base::kMicrosPerSecond);  // its class is four seconds wide
  const UsualPairs usual = pairs.habits().usual();
  EXPECT_EQ(pairs.habits().total(), 400U);
  EXPECT_EQ(usual.lags[64], 0);
  EXPECT_NEAR(static_cast<double>(usual.lags[72]) / kOneBit, 2.0, 0.02);
  // Half of all in a second is -1 bit; 255 of 256 parts of it are what was counted.
  EXPECT_NEAR(static_cast<double>(usual.best_density) / kOneBit, -1.0, 0.02);
  // Nothing was seen there: a 256th of the share that a logarithm from 0 to three days gives it. Not impossible.
  EXPECT_GT(usual.lags[0], 20 * kOneBit);
  EXPECT_LT(usual.lags[0], 30 * kOneBit);
}

TEST(PairHabits, WhatIsRareIsASurpriseAndWhatIsUsualIsNone) {
  OrderedPairs pairs;
  pairs.add(399, 0);
  pairs.add(100, 0, 1'001);
  const UsualPairs usual = pairs.habits().usual();
  // 1 + 399 is 8 bits and 144/256 on the broken line, 1 + 100 is 6 and 37/64: 1.984375 between them.
  EXPECT_EQ(usual.other_amount, (8 - 6) * kOneBit + kOneBit * 144 / 256 - kOneBit * 37 / 64);
  EXPECT_EQ(usual.unknown_link, 0);  // no claim names a link: that is how they are
}

TEST(PairHabits, OfAPartnerWhoIsAlwaysAnHourLateTheConversionAnHourBeforeIsFound) {
  OrderedPairs pairs;
  pairs.add(300, base::kMicrosPerHour);
  const base::Timestamp evening = kNoon + 8 * base::kMicrosPerHour;
  pairs.truths.push_back(truth(1'001, 7'700, 100));
  pairs.truths.back().occurred_at = evening;
  pairs.truths.push_back(truth(1'002, 7'700, 100));
  pairs.truths.back().occurred_at = evening + 58 * base::kMicrosPerMinute;
  pairs.claims.push_back(claim("late", 7'700, 100));
  pairs.claims.back().occurred_at = evening + base::kMicrosPerHour;

  const Matching matching = match(pairs.claims, pairs.truths, {}).value();
  ASSERT_EQ(matching.matches.size(), 301U);
  EXPECT_EQ(matching.matches[300].rule, MatchRule::kAssignment);
  EXPECT_EQ(pairs.truths[matching.matches[300].truth].id, id(1'001));
  EXPECT_EQ(pairs.truths[matching.matches[300].runner_up].id, id(1'002));

  // Without anything known the nearest one is likelier.
  const auto only_late = std::span(pairs.claims).subspan(300);
  const auto only_evening = std::span(pairs.truths).subspan(300);
  const Matching unknowing = match(only_late, only_evening, {}).value();
  ASSERT_EQ(unknowing.matches.size(), 1U);
  EXPECT_EQ(only_evening[unknowing.matches[0].truth].id, id(1'002));
}

TEST(PairHabits, AMatchIsWorthLessTheMoreConversionsLikeItThereAre) {
  OrderedPairs pairs;
  pairs.add(300, base::kMicrosPerMinute);
  const PairScore score({}, pairs.habits());
  const std::uint64_t day = static_cast<std::uint64_t>(base::kMicrosPerDay);
  const std::int32_t alone = score.gain(900'000, {.count = 1, .span_us = day});
  const std::int32_t crowded = score.gain(900'000, {.count = 1'000, .span_us = day});
  EXPECT_GT(alone, crowded);
  EXPECT_GT(crowded, 0);
  // Nobody can tell which of a hundred a second it is; but what fits is better matched than left alone on both sides.
  EXPECT_EQ(score.gain(700'000, {.count = 8'640'000, .span_us = day}), 1);
  EXPECT_EQ(score.gain(699'999, {.count = 8'640'000, .span_us = day}), 0);
  // One is the claim's own.
  EXPECT_EQ(score.gain(900'000, {.count = 0, .span_us = day}), alone);
  // Nothing known: the score above the least confidence, whatever there is.
  EXPECT_EQ(PairScore({}).gain(900'000, {.count = 1'000, .span_us = day}), 400'001);
}

}  // namespace
}  // namespace tallystick::reconcile
