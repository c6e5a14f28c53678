#include "cli/settle_plan.h"

#include <array>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "cli/settle_networks.h"
#include "cli/settle_slot.h"

namespace tallystick::cli {
namespace {

using base::kMicrosPerHour;
using reconcile::Cause;
using reconcile::Status;

base::Date settle_day(std::string_view text) {
  return base::parse_date(text).value();
}

base::Timestamp settle_time(std::string_view text) {
  return base::parse_rfc3339(text).value();
}

SettleSettings october(std::string_view zone = "UTC", std::int64_t conversions = kMinSettleConversions) {
  return {.seed = 7,
          .first_day = settle_day("2026-10-01"),
          .last_day = settle_day("2026-10-31"),
          .conversions = conversions,
          .our_time_zone = std::string(zone),
          .until = settle_time("2026-11-20T00:00:00Z")};
}

SettlePlan plan_of(const SettleSettings& settings) {
  auto plan = make_settle_plan(settings);
  EXPECT_TRUE(plan) << plan.error().message;
  return *std::move(plan);
}

// One plant and nothing else.
class OnePlant {
 public:
  OnePlant(partners::Network network, SettlePlant plant) : settings_(october()) {
    for (std::size_t i = 0; i < kSettleNetworks; ++i) {
      const SettleNetwork& known = settle_networks()[i];
      const auto zone = base::TimeZone::find(known.time_zone).value();
      plan.periods.push_back({.from = settle_time("2026-10-01T00:00:00Z"),
                              .to = settle_time("2026-11-01T00:00:00Z"),
                              .their_from = zone.start_of(settings_.first_day),
                              .their_to = zone.start_of(settings_.last_day + 1)});
      if (known.network == network) {
        number = i;
        plan.slots.push_back({i, base::parse_currency(known.currency).value()});
      }
    }
    plan.rows.resize(kSettleNetworks);
    auto planner = SettleSlotPlanner::make(settings_, plan, 0);
    planner->plant(plant, settle_time("2026-10-14T12:00:00Z"));
  }

  [[nodiscard]] const SettleSale& sale() const { return plan.sales.at(0); }
  [[nodiscard]] const SettleRow& row(std::size_t position = 0) const { return plan.rows[number].at(position); }
  [[nodiscard]] const reconcile::Period& period() const { return plan.periods[number]; }
  // The only cause.
  [[nodiscard]] reconcile::CauseAmount found() const {
    EXPECT_EQ(plan.expected.size(), 1U);
    const auto& causes = plan.expected.begin()->second.causes;
    EXPECT_EQ(causes.size(), 1U);
    return causes.begin()->second;
  }

  SettlePlan plan;
  std::size_t number = 0;

 private:
  SettleSettings settings_;
};

TEST(SettlePlan, TheCausesOfEveryNetworkAndCurrencyAddUpToTheDifferenceOfTheTwoSides) {
  for (const char* zone : {"UTC", "Asia/Tokyo", "America/Los_Angeles"}) {
    for (const char* month : {"2026-10", "2026-03", "2026-02"}) {
      SettleSettings settings = october(zone, 2'000);
      settings.first_day = settle_day(std::string(month) + "-01");
      settings.last_day = settings.first_day + (month == std::string("2026-02") ? 27 : 30);
      const SettlePlan plan = plan_of(settings);
      ASSERT_EQ(plan.expected.size(), 9U) << "seven networks, CAD of one and GBP of another";
      for (const auto& [key, expected] : plan.expected) {
        std::int64_t sum = 0;
        for (const auto& [cause, amount] : expected.causes) {
          sum += amount.amount_minor;
        }
        EXPECT_EQ(sum, expected.their_commission_minor - expected.our_commission_minor)
            << zone << " " << month << " " << settle_networks()[key.first].slug << " " << key.second;
      }
    }
  }
}

TEST(SettlePlan, EveryCauseStandsSomewhereAndNothingIsUnexplained) {
  std::set<Cause> causes;
  for (const auto& [key, expected] : plan_of(october()).expected) {
    for (const auto& [cause, amount] : expected.causes) {
      causes.insert(cause);
      EXPECT_GT(amount.records, 0);
    }
  }
  EXPECT_EQ(causes.size(), reconcile::kCauseCount - 1);
  EXPECT_FALSE(causes.contains(Cause::kUnexplained));
}

TEST(SettlePlan, IsTheSameForTheSameSeedOnly) {
  const SettleSettings settings = october();
  SettleSettings other = settings;
  other.seed = 8;
  EXPECT_EQ(plan_of(settings).rows, plan_of(settings).rows);
  EXPECT_NE(plan_of(settings).rows, plan_of(other).rows);
}

TEST(SettlePlan, NoRowHasWhatItsNetworkHasNoColumnFor) {
  const SettlePlan plan = plan_of(october());
  for (std::size_t i = 0; i < kSettleNetworks; ++i) {
    const SettleNetwork& network = settle_networks()[i];
    std::set<std::uint64_t> numbers;
    ASSERT_GT(plan.rows[i].size(), 30U);
    for (const SettleRow& row : plan.rows[i]) {
      EXPECT_TRUE(numbers.insert(row.number).second);
      EXPECT_TRUE(network.has_sub_id || row.sub_id.empty());
      EXPECT_TRUE(network.has_order_id || row.order_id.empty());
      EXPECT_TRUE(network.has_booking || row.booked_at == row.occurred_at);
      EXPECT_TRUE(network.has_pending || row.status != Status::kPending);
      EXPECT_TRUE(network.has_paid || row.status != Status::kPaid);
      EXPECT_TRUE(network.has_reversed || row.status != Status::kReversed);
      EXPECT_TRUE(network.has_corrections || !row.is_correction);
      EXPECT_EQ(row.occurred_at.us % base::kMicrosPerSecond, 0);
      EXPECT_EQ(row.booked_at.us % base::kMicrosPerSecond, 0);
    }
  }
}

TEST(SettlePlan, ClicksComeBeforeTheirSalesAndThreeOfFourSellNothing) {
  const SettlePlan plan = plan_of(october());
  std::set<std::size_t> sold;
  for (const SettleSale& sale : plan.sales) {
    EXPECT_LT(plan.visits.at(sale.visit).clicked_at, sale.occurred_at);
    EXPECT_FALSE(plan.visits.at(sale.visit).is_crawler);
    EXPECT_TRUE(sold.insert(sale.visit).second);
  }
  EXPECT_GT(plan.visits.size(), 3 * plan.sales.size());
}

TEST(SettlePlant, ALateRowHappenedInTheMonthOfBothAndIsBookedAfterIt) {
  const OnePlant one(partners::Network::kCj, SettlePlant::kLateRow);
  EXPECT_EQ(one.found(), (reconcile::CauseAmount{Cause::kLateRow, -one.sale().commission_minor, 1}));
  EXPECT_EQ(one.row().occurred_at, one.sale().occurred_at);
  EXPECT_LT(one.sale().occurred_at, one.period().to);
  EXPECT_LT(one.sale().occurred_at, one.period().their_to);
  EXPECT_GE(one.row().booked_at, one.period().their_to);
}

TEST(SettlePlant, ARowOfTheMonthBeforeIsBookedInThisOne) {
  const OnePlant one(partners::Network::kCj, SettlePlant::kLateRowBefore);
  EXPECT_EQ(one.found(), (reconcile::CauseAmount{Cause::kLateRow, one.row().commission_minor, 1}));
  EXPECT_LT(one.sale().occurred_at, one.period().from);
  EXPECT_LT(one.sale().occurred_at, one.period().their_from);
  EXPECT_GE(one.row().booked_at, one.period().their_from);
}

// Sydney's October begins on 30 September at 14:00 UTC and ends on 31 October at 13:00 UTC.
TEST(SettlePlant, BetweenTwoMidnightsASaleIsOfTheMonthForOneSide) {
  const OnePlant start(partners::Network::kAmazon, SettlePlant::kZoneStart);
  EXPECT_EQ(start.found(), (reconcile::CauseAmount{Cause::kTimeZone, start.sale().commission_minor, 1}));
  EXPECT_GT(start.sale().occurred_at, settle_time("2026-09-30T14:00:00Z"));
  EXPECT_LT(start.sale().occurred_at, settle_time("2026-10-01T00:00:00Z"));
  EXPECT_EQ(start.row().occurred_at, settle_time("2026-09-30T14:00:00Z")) << "it writes days";
  const OnePlant end(partners::Network::kAmazon, SettlePlant::kZoneEnd);
  EXPECT_EQ(end.found(), (reconcile::CauseAmount{Cause::kTimeZone, -end.sale().commission_minor, 1}));
  EXPECT_EQ(end.row().occurred_at, settle_time("2026-10-31T13:00:00Z"));
  // Los Angeles' October begins at 07:00 UTC.
  const OnePlant behind(partners::Network::kCj, SettlePlant::kZoneStart);
  EXPECT_EQ(behind.found(), (reconcile::CauseAmount{Cause::kTimeZone, -behind.sale().commission_minor, 1}));
  EXPECT_LT(behind.row().booked_at, settle_time("2026-10-01T07:00:00Z"));
}

TEST(SettlePlant, ASaleThatTheyDateByItsShippingFallsIntoTheMonthAfter) {
  const OnePlant one(partners::Network::kAmazon, SettlePlant::kPeriodCut);
  EXPECT_EQ(one.found(), (reconcile::CauseAmount{Cause::kPeriodCut, -one.sale().commission_minor, 1}));
  EXPECT_LT(one.sale().occurred_at, one.period().their_to);
  EXPECT_GE(one.row().occurred_at, one.period().their_to);
}

TEST(SettlePlant, ACorrectionTakesBackTheWholeOrMakesTheRowRight) {
  const OnePlant whole(partners::Network::kCj, SettlePlant::kCorrection);
  EXPECT_EQ(whole.found(), (reconcile::CauseAmount{Cause::kReversal, -whole.sale().commission_minor, 1}));
  EXPECT_TRUE(whole.row(0).is_correction);
  EXPECT_EQ(whole.row(0).commission_minor, -whole.row(1).commission_minor);
  EXPECT_EQ(whole.row(0).order_id, whole.row(1).order_id);
  EXPECT_GE(whole.row(0).booked_at, whole.row(1).booked_at);
  const OnePlant part(partners::Network::kCj, SettlePlant::kPartialCorrection);
  EXPECT_EQ(part.found(), (reconcile::CauseAmount{Cause::kReversal, 0, 2}));
  EXPECT_EQ(part.row(0).commission_minor + part.row(1).commission_minor, part.sale().commission_minor);
  EXPECT_EQ(part.row(0).amount_minor + part.row(1).amount_minor, part.sale().amount_minor);
}

TEST(SettlePlant, ASecondCurrencyMakesADifferenceInBoth) {
  const OnePlant one(partners::Network::kAwin, SettlePlant::kSecondCurrency);
  ASSERT_EQ(one.plan.expected.size(), 2U);
  const auto& ours = one.plan.expected.at({one.number, "EUR"}).causes.at(Cause::kCurrency);
  const auto& theirs = one.plan.expected.at({one.number, "GBP"}).causes.at(Cause::kCurrency);
  EXPECT_EQ(ours.amount_minor, -one.sale().commission_minor);
  EXPECT_EQ(theirs.amount_minor, one.row().commission_minor);
  EXPECT_EQ(one.row().currency.text(), "GBP");
}

TEST(SettlePlant, TheAmountsOfRoundingAndToleranceAreWhatTheirNamesSay) {
  const OnePlant rounding(partners::Network::kShareasale, SettlePlant::kRounding);
  EXPECT_EQ(std::abs(rounding.found().amount_minor), 1);
  EXPECT_EQ(rounding.row().commission_minor - rounding.sale().commission_minor, rounding.found().amount_minor);
  const OnePlant tolerance(partners::Network::kShareasale, SettlePlant::kTolerance);
  const std::int64_t difference = tolerance.found().amount_minor;
  EXPECT_GT(difference, 1);
  EXPECT_LE(difference * 10'000, tolerance.row().commission_minor * partners::kDefaultToleranceBasisPoints);
}

TEST(SettlePlant, WhatANetworkCannotShowIsNotPlanted) {
  for (const auto& [network, plant] : std::to_array<std::pair<partners::Network, SettlePlant>>(
           {{partners::Network::kFlexoffers, SettlePlant::kMissingConversion},
            {partners::Network::kAmazon, SettlePlant::kPending},
            {partners::Network::kAwin, SettlePlant::kLateRow},
            {partners::Network::kImpact, SettlePlant::kCorrection},
            {partners::Network::kCj, SettlePlant::kTheirReversal},
            {partners::Network::kCj, SettlePlant::kSecondCurrency}})) {
    const OnePlant one(network, plant);
    EXPECT_TRUE(one.plan.sales.empty() && one.plan.rows[one.number].empty() && one.plan.expected.empty());
  }
}

TEST(SettlePlant, InvalidTrafficIsAClickAndASaleThatAreFoundOut) {
  const OnePlant one(partners::Network::kRakuten, SettlePlant::kInvalidTraffic);
  EXPECT_EQ(one.found(), (reconcile::CauseAmount{Cause::kInvalidTraffic, one.row().commission_minor, 1}));
  EXPECT_TRUE(one.sale().is_invalid);
  EXPECT_TRUE(one.plan.visits.at(one.sale().visit).is_found_out);
}

TEST(SettlePlant, DuplicatesAndMissingRecordsStandOnOneSide) {
  const OnePlant theirs(partners::Network::kImpact, SettlePlant::kDuplicateTheirs);
  EXPECT_EQ(theirs.found().amount_minor, theirs.sale().commission_minor);
  EXPECT_EQ(theirs.row(0).order_id, theirs.row(1).order_id);
  EXPECT_NE(theirs.row(0).number, theirs.row(1).number);
  const OnePlant ours(partners::Network::kImpact, SettlePlant::kDuplicateOurs);
  EXPECT_EQ(ours.found().amount_minor, -ours.sale().commission_minor);
  EXPECT_TRUE(ours.sale().is_recorded_twice);
  const OnePlant conversion(partners::Network::kImpact, SettlePlant::kMissingConversion);
  EXPECT_TRUE(conversion.plan.sales.empty());
  EXPECT_EQ(conversion.row().sub_id, base::format_uuid(conversion.plan.visits.at(0).click_id));
  EXPECT_EQ(conversion.found().amount_minor, conversion.row().commission_minor);
  const OnePlant sub_id(partners::Network::kImpact, SettlePlant::kMissingSubId);
  EXPECT_TRUE(sub_id.plan.sales.empty());
  EXPECT_TRUE(sub_id.row().sub_id.empty());
  EXPECT_EQ(sub_id.found().cause, Cause::kMissingSubId);
}

}  // namespace
}  // namespace tallystick::cli
