// Every row of the table of causes in docs/reconciliation.md, with amounts worked out by hand.
#include "reconcile/explain.h"

#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcile/matcher.h"
#include "tests/reconcile/records.h"

namespace tallystick::reconcile {

void PrintTo(const CauseAmount& cause, std::ostream* out) {
  *out << name_of(cause.cause) << " " << cause.amount_minor << " of " << cause.records;
}

namespace {

using test::claim;
using test::eur;
using test::id;
using test::truth;
using testing::ElementsAre;
using testing::IsEmpty;

// The day of 2026-11-02 in UTC for us, and five hours later (UTC-5) for them.
constexpr base::Timestamp kFrom{1'793'577'600'000'000};
constexpr base::Timestamp kTo = kFrom + base::kMicrosPerDay;
constexpr std::int64_t kTheirs = 5 * base::kMicrosPerHour;

ExplainRules rules() {
  return {.period = {.from = kFrom, .to = kTo, .their_from = kFrom + kTheirs, .their_to = kTo + kTheirs}};
}

// One claim and one conversion of the same click and order, at noon, over 10.00 of commission.
struct Pair {
  Claim theirs = claim("r1", 20'000, 1'000);
  Truth ours = truth(1, 20'000, 1'000);
};

Pair make_pair() {
  Pair pair;
  pair.theirs.click_id = pair.ours.click_id = id(7);
  pair.theirs.order_id = pair.ours.order_id = "A";
  pair.theirs.reference = "click seven";
  return pair;
}

Outcome explain_all(const std::vector<Claim>& claims, const std::vector<Truth>& truths) {
  const Matching matching = match(claims, truths, {}).value();
  return explain(claims, truths, matching, rules()).value();
}

// Of a world with one currency: the finding's causes.
std::vector<CauseAmount> causes_of(const std::vector<Claim>& claims, const std::vector<Truth>& truths) {
  const Outcome outcome = explain_all(claims, truths);
  EXPECT_EQ(outcome.findings.size(), 1U);
  return outcome.findings.empty() ? std::vector<CauseAmount>{} : outcome.findings[0].causes;
}

std::vector<CauseAmount> causes_of_pair(const std::function<void(Claim&, Truth&)>& change) {
  Pair pair = make_pair();
  change(pair.theirs, pair.ours);
  return causes_of({pair.theirs}, {pair.ours});
}

TEST(Explain, APairThatAgreesHasNoCause) {
  const Pair pair = make_pair();
  const Outcome outcome = explain_all({pair.theirs}, {pair.ours});
  ASSERT_EQ(outcome.findings.size(), 1U);
  const Finding& finding = outcome.findings[0];
  EXPECT_EQ(finding.currency, eur());
  EXPECT_EQ(finding.our_conversions, 1);
  EXPECT_EQ(finding.their_conversions, 1);
  EXPECT_EQ(finding.our_amount_minor, 20'000);
  EXPECT_EQ(finding.their_amount_minor, 20'000);
  EXPECT_EQ(finding.our_commission_minor, 1'000);
  EXPECT_EQ(finding.their_commission_minor, 1'000);
  EXPECT_EQ(finding.matched, 1);
  EXPECT_EQ(finding.variance.percent(), "0.00");
  EXPECT_FALSE(finding.is_discrepancy);
  EXPECT_THAT(finding.causes, IsEmpty());
  ASSERT_EQ(outcome.items.size(), 1U);
  EXPECT_EQ(outcome.items[0].match, 0U);
  EXPECT_THAT(outcome.items[0].causes, IsEmpty());
}

TEST(Explain, OnlyOursCountsAsTheyHaveReversedOrNotLocked) {
  EXPECT_THAT(causes_of_pair([](Claim& theirs, Truth&) { theirs.status = Status::kReversed; }),
              ElementsAre(CauseAmount{Cause::kReversal, -1'000, 1}));
  EXPECT_THAT(causes_of_pair([](Claim& theirs, Truth&) { theirs.status = Status::kPending; }),
              ElementsAre(CauseAmount{Cause::kPending, -1'000, 1}));
  // Reversed comes first even where another day would explain it as well.
  EXPECT_THAT(causes_of_pair([](Claim& theirs, Truth&) {
                theirs.status = Status::kReversed;
                theirs.booked_at = kTo + base::kMicrosPerDay;
              }),
              ElementsAre(CauseAmount{Cause::kReversal, -1'000, 1}));
}

TEST(Explain, OnlyOursCountsAsTheirDayIsAnother) {
  // 02:00 UTC is the evening before for them.
  EXPECT_THAT(causes_of_pair([](Claim& theirs, Truth& ours) {
                ours.occurred_at = theirs.occurred_at = theirs.booked_at = kFrom + 2 * base::kMicrosPerHour;
              }),
              ElementsAre(CauseAmount{Cause::kTimeZone, -1'000, 1}));
  // At noon for both, booked the day after: to the moment when their day ends.
  EXPECT_THAT(causes_of_pair([](Claim& theirs, Truth&) { theirs.booked_at = kTo + kTheirs; }),
              ElementsAre(CauseAmount{Cause::kLateRow, -1'000, 1}));
  EXPECT_THAT(causes_of_pair([](Claim& theirs, Truth&) { theirs.booked_at = kTo + kTheirs - 1; }), IsEmpty());
  // They say that it happened and was booked the day before.
  EXPECT_THAT(causes_of_pair(
                  [](Claim& theirs, Truth&) { theirs.occurred_at = theirs.booked_at = kFrom - base::kMicrosPerDay; }),
              ElementsAre(CauseAmount{Cause::kPeriodCut, -1'000, 1}));
}

TEST(Explain, OnlyTheirsCountsAsOursIsInvalidMissingOrReversed) {
  EXPECT_THAT(causes_of_pair([](Claim&, Truth& ours) { ours.is_invalid = true; }),
              ElementsAre(CauseAmount{Cause::kInvalidTraffic, 1'000, 1}));
  EXPECT_THAT(causes_of_pair([](Claim&, Truth& ours) {
                ours.kind = TruthKind::kClick;
                ours.order_id = "";
                ours.amount_minor = ours.commission_minor = 0;
              }),
              ElementsAre(CauseAmount{Cause::kMissingConversion, 1'000, 1}));
  EXPECT_THAT(causes_of_pair([](Claim&, Truth& ours) { ours.status = Status::kReversed; }),
              ElementsAre(CauseAmount{Cause::kReversal, 1'000, 1}));
}

TEST(Explain, OnlyTheirsCountsAsOurDayIsAnother) {
  // 02:00 UTC of the day after is still their day.
  EXPECT_THAT(causes_of_pair([](Claim& theirs, Truth& ours) {
                ours.occurred_at = theirs.occurred_at = theirs.booked_at = kTo + 2 * base::kMicrosPerHour;
              }),
              ElementsAre(CauseAmount{Cause::kTimeZone, 1'000, 1}));
  // Two days before for both, booked in their day.
  EXPECT_THAT(causes_of_pair([](Claim& theirs, Truth& ours) {
                ours.occurred_at = theirs.occurred_at = kFrom - 2 * base::kMicrosPerDay;
              }),
              ElementsAre(CauseAmount{Cause::kLateRow, 1'000, 1}));
  // For us two days before, for them in the day.
  EXPECT_THAT(causes_of_pair([](Claim&, Truth& ours) { ours.occurred_at = kFrom - 2 * base::kMicrosPerDay; }),
              ElementsAre(CauseAmount{Cause::kPeriodCut, 1'000, 1}));
}

TEST(Explain, BothCountAndDiffer) {
  const auto with_theirs = [](std::int64_t commission_minor) {
    return causes_of_pair([&](Claim& theirs, Truth&) { theirs.commission_minor = commission_minor; });
  };
  EXPECT_THAT(with_theirs(1'001), ElementsAre(CauseAmount{Cause::kRounding, 1, 1}));
  EXPECT_THAT(with_theirs(999), ElementsAre(CauseAmount{Cause::kRounding, -1, 1}));
  EXPECT_THAT(with_theirs(980), ElementsAre(CauseAmount{Cause::kTolerance, -20, 1}));    // 20 of 1,000: 2 %
  EXPECT_THAT(with_theirs(979), ElementsAre(CauseAmount{Cause::kUnexplained, -21, 1}));  // 2.1 %
  EXPECT_THAT(with_theirs(1'020), ElementsAre(CauseAmount{Cause::kTolerance, 20, 1}));   // of 1,020: 1.96 %
  EXPECT_THAT(with_theirs(1'021), ElementsAre(CauseAmount{Cause::kUnexplained, 21, 1}));
}

TEST(Explain, AnotherCurrencyIsADifferenceInBoth) {
  Pair pair = make_pair();
  pair.theirs.currency = test::usd();
  pair.theirs.commission_minor = 1'100;
  const Outcome outcome = explain_all({pair.theirs}, {pair.ours});
  ASSERT_EQ(outcome.findings.size(), 2U);
  EXPECT_EQ(outcome.findings[0].currency, eur());
  EXPECT_THAT(outcome.findings[0].causes, ElementsAre(CauseAmount{Cause::kCurrency, -1'000, 1}));
  EXPECT_EQ(outcome.findings[0].variance.percent(), "100.00");
  EXPECT_EQ(outcome.findings[0].matched, 1);
  EXPECT_EQ(outcome.findings[1].currency, test::usd());
  EXPECT_THAT(outcome.findings[1].causes, ElementsAre(CauseAmount{Cause::kCurrency, 1'100, 1}));
  EXPECT_EQ(outcome.items.size(), 2U);
}

Claim correction_of(const Claim& row, std::int64_t commission_minor) {
  Claim correction = row;
  correction.key = row.key + "-correction";
  correction.is_correction = true;
  correction.amount_minor = 0;
  correction.commission_minor = commission_minor;
  return correction;
}

TEST(Explain, ACorrectionIsAReversalAndBelongsToTheRowThatItAmends) {
  const Pair pair = make_pair();
  const Claim correction = correction_of(pair.theirs, -1'000);
  const Outcome outcome = explain_all({correction, pair.theirs}, {pair.ours});
  ASSERT_EQ(outcome.findings.size(), 1U);
  EXPECT_THAT(outcome.findings[0].causes, ElementsAre(CauseAmount{Cause::kReversal, -1'000, 1}));
  EXPECT_EQ(outcome.findings[0].their_conversions, 1);
  EXPECT_EQ(outcome.findings[0].their_commission_minor, 0);
  ASSERT_EQ(outcome.items.size(), 2U);
  EXPECT_EQ(outcome.items[1].claim, 0U);
  EXPECT_EQ(outcome.items[1].truth, kNone);
  EXPECT_EQ(outcome.items[1].match, 0U);
}

TEST(Explain, ARowThatItsCorrectionsMakeEqualIsReversedBackAndForth) {
  Pair pair = make_pair();
  pair.theirs.commission_minor = 1'200;
  // Booked in the period: + 200 and - 200.
  EXPECT_THAT(causes_of({pair.theirs, correction_of(pair.theirs, -200)}, {pair.ours}),
              ElementsAre(CauseAmount{Cause::kReversal, 0, 2}));
  // Booked the day after, so that it does not count yet.
  Claim later = correction_of(pair.theirs, -200);
  later.booked_at = kTo + base::kMicrosPerDay;
  EXPECT_THAT(causes_of({pair.theirs, later}, {pair.ours}), ElementsAre(CauseAmount{Cause::kReversal, 200, 1}));
  // It explains another amount: 200 stay open.
  EXPECT_THAT(causes_of({pair.theirs, correction_of(pair.theirs, -100)}, {pair.ours}),
              ElementsAre(CauseAmount{Cause::kReversal, -100, 1}, CauseAmount{Cause::kUnexplained, 200, 1}));
}

TEST(Explain, ACorrectionThatIsCalledReversedCountsAndAPendingOneDoesNot) {
  const Pair pair = make_pair();
  Claim correction = correction_of(pair.theirs, -400);
  correction.status = Status::kReversed;
  EXPECT_THAT(causes_of({pair.theirs, correction}, {pair.ours}), ElementsAre(CauseAmount{Cause::kReversal, -400, 1}));
  correction.status = Status::kPending;
  EXPECT_THAT(causes_of({pair.theirs, correction}, {pair.ours}), IsEmpty());
}

TEST(Explain, WhatTheyStateTwiceIsADuplicateButForOne) {
  const Pair pair = make_pair();
  Claim again = pair.theirs;
  again.key = "r2";
  again.order_id = " a";
  EXPECT_THAT(causes_of({pair.theirs, again}, {pair.ours}),
              ElementsAre(CauseAmount{Cause::kDuplicateTheirs, 1'000, 1}));
  // No conversion of ours: the first key stays, and it names a click of ours.
  EXPECT_THAT(
      causes_of({again, pair.theirs}, {}),
      ElementsAre(CauseAmount{Cause::kDuplicateTheirs, 1'000, 1}, CauseAmount{Cause::kMissingConversion, 1'000, 1}));
}

TEST(Explain, WithoutOrdersTheSameClickAndAmountIsADuplicate) {
  Pair pair = make_pair();
  pair.theirs.order_id = pair.ours.order_id = "";
  Claim again = pair.theirs;
  again.key = "r2";
  EXPECT_THAT(causes_of({pair.theirs, again}, {pair.ours}),
              ElementsAre(CauseAmount{Cause::kDuplicateTheirs, 1'000, 1}));
  again.amount_minor = 19'999;
  EXPECT_THAT(causes_of({pair.theirs, again}, {pair.ours}),
              ElementsAre(CauseAmount{Cause::kMissingConversion, 1'000, 1}));
}

TEST(Explain, AClaimAloneIsMissingItsSubIdOrUnexplained) {
  Claim theirs = claim("r1", 20'000, 1'000);
  EXPECT_THAT(causes_of({theirs}, {}), ElementsAre(CauseAmount{Cause::kMissingSubId, 1'000, 1}));
  theirs.reference = " ";
  EXPECT_THAT(causes_of({theirs}, {}), ElementsAre(CauseAmount{Cause::kMissingSubId, 1'000, 1}));
  theirs.reference = "somebody else's";
  EXPECT_THAT(causes_of({theirs}, {}), ElementsAre(CauseAmount{Cause::kUnexplained, 1'000, 1}));
}

TEST(Explain, AConversionAloneIsADuplicateOrUnexplained) {
  const Pair pair = make_pair();
  Truth again = pair.ours;
  again.id = id(2);
  EXPECT_THAT(causes_of({pair.theirs}, {pair.ours, again}), ElementsAre(CauseAmount{Cause::kDuplicateOurs, -1'000, 1}));
  EXPECT_THAT(causes_of({}, {again, pair.ours}),
              ElementsAre(CauseAmount{Cause::kDuplicateOurs, -1'000, 1}, CauseAmount{Cause::kUnexplained, -1'000, 1}));
}

TEST(Explain, WhatCountsOnNeitherSideIsLeftOut) {
  Pair pair = make_pair();
  pair.theirs.status = Status::kPending;
  pair.ours.status = Status::kReversed;
  const Outcome outcome = explain_all({pair.theirs}, {pair.ours});
  EXPECT_THAT(outcome.findings, IsEmpty());
  EXPECT_THAT(outcome.items, IsEmpty());
}

TEST(Explain, ThreeRecordsAddUpToAFinding) {
  const Pair pair = make_pair();
  Claim alone = claim("r2", 5'000, 250);
  alone.occurred_at = alone.booked_at = kFrom + 20 * base::kMicrosPerHour;
  Truth ours_alone = truth(2, 7'000, 350);
  ours_alone.status = Status::kPending;  // expected all the same
  const Outcome outcome = explain_all({pair.theirs, alone}, {pair.ours, ours_alone});
  ASSERT_EQ(outcome.findings.size(), 1U);
  const Finding& finding = outcome.findings[0];
  EXPECT_EQ(finding.our_commission_minor, 1'350);
  EXPECT_EQ(finding.their_commission_minor, 1'250);
  EXPECT_EQ(finding.our_amount_minor, 27'000);
  EXPECT_EQ(finding.their_amount_minor, 25'000);
  EXPECT_EQ(finding.matched, 1);
  EXPECT_EQ(finding.only_ours, 1);
  EXPECT_EQ(finding.only_theirs, 1);
  EXPECT_THAT(finding.causes,
              ElementsAre(CauseAmount{Cause::kMissingSubId, 250, 1}, CauseAmount{Cause::kUnexplained, -350, 1}));
  EXPECT_EQ(finding.variance.numerator, 100);
  EXPECT_EQ(finding.variance.denominator, 1'350);
  EXPECT_EQ(finding.variance.percent(), "7.41");  // 7.407
  EXPECT_TRUE(finding.is_discrepancy);
}

TEST(Explain, DifferencesAmongTheMatchedAreCounted) {
  Pair pair = make_pair();
  pair.ours.status = Status::kPending;
  pair.theirs.amount_minor = 19'998;
  const Outcome outcome = explain_all({pair.theirs}, {pair.ours});
  EXPECT_EQ(outcome.findings.at(0).amount_differences, 1);
  EXPECT_EQ(outcome.findings.at(0).status_differences, 1);
  pair.ours.status = Status::kPaid;  // approved and paid are both locked
  pair.theirs.amount_minor = 19'999;
  EXPECT_EQ(explain_all({pair.theirs}, {pair.ours}).findings.at(0).amount_differences, 0);
  EXPECT_EQ(explain_all({pair.theirs}, {pair.ours}).findings.at(0).status_differences, 0);
}

TEST(Explain, AmountsThatDoNotFitAreRefused) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  Pair pair = make_pair();
  pair.theirs.commission_minor = kLargest;
  pair.ours.commission_minor = -1;
  const auto refused = [&](const std::vector<Claim>& claims, const std::vector<Truth>& truths) {
    const auto outcome = explain(claims, truths, match(claims, truths, {}).value(), rules());
    return outcome ? std::string("accepted") : outcome.error().code;
  };
  EXPECT_EQ(refused({pair.theirs}, {pair.ours}), "amount_overflow");
  Claim again = claim("r2", 0, 1);
  pair.ours.commission_minor = kLargest;
  EXPECT_EQ(refused({pair.theirs}, {pair.ours}), "accepted");
  EXPECT_EQ(refused({pair.theirs, again}, {pair.ours}), "amount_overflow");
  pair.theirs.commission_minor = pair.ours.commission_minor = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(refused({pair.theirs}, {pair.ours}), "amount_overflow");  // its magnitude does not fit
}

}  // namespace
}  // namespace tallystick::reconcile
