// What holds of every explanation, whatever the records are.
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "reconcile/explain.h"
#include "reconcile/matcher.h"
#include "tests/reconcile/records.h"

namespace tallystick::reconcile {
namespace {

using test::kNoon;

ExplainRules some_days() {
  const std::int64_t shift = *rc::gen::inRange(-12, 13) * base::kMicrosPerHour;
  const base::Timestamp from = kNoon - 12 * base::kMicrosPerHour;
  const base::Timestamp to = from + *rc::gen::inRange(1, 3) * base::kMicrosPerDay;
  return {.period = {.from = from, .to = to, .their_from = from + shift, .their_to = to + shift}};
}

TEST(ExplainProperty, CausesAddUpToTheDifferenceOfEveryFindingAndItem) {
  ASSERT_TRUE(rc::check("theirs - ours is the sum of the causes", [] {
    const test::World world = test::draw_world(40);
    const Matching matching = match(world.claims, world.truths, {}).value();
    const Outcome outcome = explain(world.claims, world.truths, matching, some_days()).value();
    std::map<base::Currency, std::map<Cause, CauseAmount>> from_items;
    for (const Item& item : outcome.items) {
      std::int64_t sum = 0;
      for (const CauseAmount& cause : item.causes) {
        sum += cause.amount_minor;
        CauseAmount& total = from_items[item.currency][cause.cause];
        total.cause = cause.cause;
        total.amount_minor += cause.amount_minor;
        total.records += cause.records;
      }
      RC_ASSERT(sum == item.their_commission_minor - item.our_commission_minor);
    }
    for (const Finding& finding : outcome.findings) {
      std::int64_t sum = 0;
      std::vector<CauseAmount> expected;
      for (const auto& [cause, amount] : from_items[finding.currency]) {
        expected.push_back(amount);
        sum += amount.amount_minor;
      }
      RC_ASSERT(finding.causes == expected);
      RC_ASSERT(sum == finding.their_commission_minor - finding.our_commission_minor);
      RC_ASSERT(finding.variance.numerator == (finding.variance.denominator == 1 && sum == 0 ? 0 : std::abs(sum)));
      RC_ASSERT(finding.is_discrepancy == finding.variance.exceeds(200));
    }
  }));
}

TEST(ExplainProperty, FindingsCountWhatTheirItemsShow) {
  ASSERT_TRUE(rc::check("counts and amounts of findings come from the items", [] {
    const test::World world = test::draw_world(40);
    const Matching matching = match(world.claims, world.truths, {}).value();
    const ExplainRules rules = some_days();
    const Outcome outcome = explain(world.claims, world.truths, matching, rules).value();
    for (const Finding& finding : outcome.findings) {
      std::int64_t matched = 0;
      std::int64_t only_ours = 0;
      std::int64_t only_theirs = 0;
      std::int64_t our_commission = 0;
      std::int64_t their_commission = 0;
      for (const Item& item : outcome.items) {
        if (item.currency == finding.currency) {
          matched += item.match != kNone && item.truth != kNone ? 1 : 0;
          only_ours += item.match == kNone && item.truth != kNone ? 1 : 0;
          only_theirs += item.match == kNone && item.claim != kNone && !world.claims[item.claim].is_correction ? 1 : 0;
          our_commission += item.our_commission_minor;
          their_commission += item.their_commission_minor;
        }
      }
      RC_ASSERT(finding.matched == matched);
      RC_ASSERT(finding.only_ours == only_ours);
      RC_ASSERT(finding.only_theirs == only_theirs);
      RC_ASSERT(finding.our_commission_minor == our_commission);
      RC_ASSERT(finding.their_commission_minor == their_commission);
      RC_ASSERT(finding.our_conversions <= matched + only_ours);
      RC_ASSERT(finding.their_conversions <= matched + only_theirs);
      RC_ASSERT(finding.our_conversions + finding.their_conversions >= matched + only_ours + only_theirs);
      RC_ASSERT(finding.amount_differences <= matched);
      RC_ASSERT(finding.status_differences <= matched);
    }
  }));
}

TEST(ExplainProperty, TheOrderOfTheRowsChangesNoFinding) {
  ASSERT_TRUE(rc::check("shuffled rows give the same findings", [] {
    test::World world = test::draw_world(30);
    const ExplainRules rules = some_days();
    const auto causes = [&] {
      const Matching matching = match(world.claims, world.truths, {}).value();
      std::vector<std::pair<base::Currency, std::vector<CauseAmount>>> found;
      Outcome outcome = explain(world.claims, world.truths, matching, rules).value();
      for (Finding& finding : outcome.findings) {
        found.emplace_back(finding.currency, std::move(finding.causes));
      }
      return found;
    };
    const auto expected = causes();
    test::shuffle(world.claims);
    test::shuffle(world.truths);
    RC_ASSERT(causes() == expected);
  }));
}

}  // namespace
}  // namespace tallystick::reconcile
