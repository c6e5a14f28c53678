#include "reconcile/matcher.h"

#include <gtest/gtest.h>

#include "tests/reconcile/records.h"

namespace tallystick::reconcile {
namespace {

using test::claim;
using test::id;
using test::kNoon;
using test::truth;

Claim claim_of_click(std::string key, std::uint32_t click, std::string order_id = "") {
  Claim one = claim(std::move(key), 10'000, 500);
  one.click_id = id(click);
  one.order_id = std::move(order_id);
  return one;
}

Truth truth_of_click(std::uint32_t number, std::uint32_t click, std::string order_id = "") {
  Truth one = truth(number, 10'000, 500);
  one.click_id = id(click);
  one.order_id = std::move(order_id);
  return one;
}

Matching match_all(const std::vector<Claim>& claims, const std::vector<Truth>& truths, const MatchRules& rules = {}) {
  return match(claims, truths, rules).value();
}

TEST(Matcher, OneClaimAndOneConversionOfAClickMatchForCertain) {
  Claim theirs = claim_of_click("r1", 7);
  theirs.currency = test::usd();
  theirs.amount_minor = 1;
  const Matching matching = match_all({claim("r0", 1, 1), theirs}, {truth_of_click(1, 7)});
  ASSERT_EQ(matching.matches.size(), 1U);
  EXPECT_EQ(matching.matches[0].claim, 1U);
  EXPECT_EQ(matching.matches[0].truth, 0U);
  EXPECT_EQ(matching.matches[0].rule, MatchRule::kClickId);
  EXPECT_EQ(matching.matches[0].confidence_permille, kCertain);
  EXPECT_EQ(matching.matches[0].runner_up, kNone);
  EXPECT_EQ(matching.only_claims, std::vector<std::uint32_t>{0});
  EXPECT_TRUE(matching.only_truths.empty());
}

TEST(Matcher, OfOneClickEqualOrdersMatchFirstAndTheRestIsAssigned) {
  // r1 and t1 are nearest in time, but r1's order is t2's.
  Truth later = truth_of_click(2, 7, "B");
  later.occurred_at = kNoon + base::kMicrosPerDay;
  const Matching matching =
      match_all({claim_of_click("r1", 7, " b"), claim_of_click("r2", 7, "z")}, {truth_of_click(1, 7, "A"), later});
  ASSERT_EQ(matching.matches.size(), 2U);
  EXPECT_EQ(matching.matches[0].truth, 1U);
  EXPECT_EQ(matching.matches[0].confidence_permille, kCertain);
  EXPECT_EQ(matching.matches[1].truth, 0U);
}

TEST(Matcher, OfTwoConversionsOfAClickTheNearestWinsAndTheOtherIsRunnerUp) {
  Truth later = truth_of_click(2, 7);
  later.occurred_at = kNoon + base::kMicrosPerHour;
  const Matching matching = match_all({claim_of_click("r1", 7)}, {later, truth_of_click(1, 7)});
  ASSERT_EQ(matching.matches.size(), 1U);
  EXPECT_EQ(matching.matches[0].truth, 1U);
  // 950 without lag, less 100 as no link is stated: (1000 + 850) / 2.
  EXPECT_EQ(matching.matches[0].confidence_permille, 925);
  EXPECT_EQ(matching.matches[0].runner_up, 0U);
  // An hour: 5 + 29/32 of 11 + 833/2048 binary orders of minutes, that share of 350: 181.2. (1000 + 668) / 2.
  EXPECT_EQ(matching.matches[0].runner_up_permille, 834);
  EXPECT_EQ(matching.only_truths, std::vector<std::uint32_t>{0});
}

TEST(Matcher, AClaimStatedTwiceIsMatchedOnceByTheSmallerKey) {
  const Matching matching =
      match_all({claim_of_click("r2", 7, "A"), claim_of_click("r1", 7, "A")}, {truth_of_click(1, 7, "A")});
  ASSERT_EQ(matching.matches.size(), 1U);
  EXPECT_EQ(matching.matches[0].claim, 1U);
  EXPECT_EQ(matching.only_claims, std::vector<std::uint32_t>{0});
}

TEST(Matcher, OfOneOrderARowThatStandsIsPreferredToOneTakenBack) {
  Claim voided = claim_of_click("r1", 0, "A");
  voided.status = Status::kReversed;
  const Matching matching = match_all({voided, claim_of_click("r2", 0, "A")}, {truth_of_click(1, 0, "a ")});
  ASSERT_EQ(matching.matches.size(), 1U);
  EXPECT_EQ(matching.matches[0].claim, 1U);
  EXPECT_EQ(matching.matches[0].rule, MatchRule::kOrderId);
}

TEST(Matcher, AnOrderIsPreferredToAClickWithoutConversion) {
  Truth click = truth_of_click(7, 7);
  click.kind = TruthKind::kClick;
  const Matching both = match_all({claim_of_click("r1", 7, "A")}, {click, truth_of_click(1, 0, "A")});
  ASSERT_EQ(both.matches.size(), 1U);
  EXPECT_EQ(both.matches[0].truth, 1U);
  EXPECT_EQ(both.matches[0].rule, MatchRule::kOrderId);
  const Matching alone = match_all({claim_of_click("r1", 7, "A")}, {click});
  ASSERT_EQ(alone.matches.size(), 1U);
  EXPECT_EQ(alone.matches[0].rule, MatchRule::kClickId);
}

TEST(Matcher, CorrectionsTakeNoPart) {
  Claim correction = claim_of_click("r1", 7, "A");
  correction.is_correction = true;
  const Matching matching = match_all({correction}, {truth_of_click(1, 7, "A")});
  EXPECT_TRUE(matching.matches.empty());
  EXPECT_TRUE(matching.only_claims.empty());
  EXPECT_EQ(matching.only_truths.size(), 1U);
}

TEST(Matcher, ClaimsWithoutIdsAreAssignedWithinTheLimitsOnly) {
  const std::vector<Claim> claims{claim("r1", 10'000, 500)};
  const auto confidence = [&](Truth one) {
    const Matching matching = match_all(claims, {std::move(one)});
    return matching.matches.empty() ? 0 : matching.matches[0].confidence_permille;
  };
  EXPECT_EQ(confidence(truth(1, 10'000, 500)), 850);
  EXPECT_EQ(confidence(truth(1, 9'900, 500)), 778);  // 20 and 100 of 500 of 260: 72
  EXPECT_EQ(confidence(truth(1, 9'500, 500)), 570);  // exactly five per cent of the larger: 280
  EXPECT_EQ(confidence(truth(1, 9'499, 500)), 0);
  Truth other = truth(1, 10'000, 500);
  other.currency = test::usd();
  EXPECT_EQ(confidence(other), 0);
  other = truth(1, 10'000, 500);
  other.occurred_at = kNoon + 48 * base::kMicrosPerHour;
  EXPECT_EQ(confidence(other), 500);
  other.occurred_at = other.occurred_at + 1;
  EXPECT_EQ(confidence(other), 0);
  other = truth(1, 10'000, 500);
  other.order_id = "A";
  EXPECT_EQ(confidence(other), 850);  // only one side names an order
  other.kind = TruthKind::kClick;
  EXPECT_EQ(confidence(other), 0);
}

TEST(Matcher, AnotherLinkIsNoCandidateAndTheSameOneIsBetter) {
  Claim theirs = claim("r1", 10'000, 500);
  theirs.link_id = id(5);
  Truth ours = truth(1, 10'000, 500);
  ours.link_id = id(5);
  EXPECT_EQ(match_all({theirs}, {ours}).matches.at(0).confidence_permille, 950);
  ours.link_id = id(6);
  EXPECT_TRUE(match_all({theirs}, {ours}).matches.empty());
}

TEST(Matcher, AnAssignmentServesTheWholeGroup) {
  // r1 is nearest to t1, but then r2, further off, would have nothing within five per cent.
  const std::vector<Claim> claims{claim("r1", 10'000, 500), claim("r2", 10'450, 500)};
  const std::vector<Truth> truths{truth(1, 10'100, 500), truth(2, 9'700, 500)};
  const Matching matching = match_all(claims, truths);
  ASSERT_EQ(matching.matches.size(), 2U);
  EXPECT_EQ(matching.matches[0].truth, 1U);
  EXPECT_EQ(matching.matches[0].runner_up, 0U);
  EXPECT_EQ(matching.matches[1].truth, 0U);
  EXPECT_EQ(matching.matches[1].runner_up, kNone);
}

TEST(Matcher, AClaimThatNamesAnOrderOrAClickOfOursIsNotAssignedAnother) {
  Claim repeated = claim_of_click("r2", 0, "A");
  EXPECT_EQ(match_all({claim_of_click("r1", 0, "A"), repeated}, {truth_of_click(1, 0, "A"), truth(2, 10'000, 500)})
                .matches.size(),
            1U);
  EXPECT_TRUE(match_all({claim_of_click("r1", 9)}, {truth(2, 10'000, 500)}).matches.empty());
  // Their own order numbers say nothing to us.
  EXPECT_EQ(match_all({claim_of_click("r1", 0, "theirs")}, {truth(2, 10'000, 500)}).matches.size(), 1U);
}

}  // namespace
}  // namespace tallystick::reconcile
