#include "cli/settle_claims.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cli/settle_networks.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;
using reconcile::Cause;

// CJ; ours 100.00, theirs 95.00: 8.00 late, 3.00 twice.
SettlePlan make_claims_plan() {
  SettlePlan plan;
  plan.slots = {{1, base::parse_currency("USD").value()}};
  plan.periods.resize(kSettleNetworks);
  plan.periods[1] = {.from = {1'000}, .to = {2'000}, .their_from = {1'000}, .their_to = {2'000}};
  for (const std::int64_t clicked_us : {999, 1'000, 1'500, 1'999, 2'000}) {
    SettleVisit visit;
    visit.clicked_at = {clicked_us};
    visit.is_crawler = clicked_us == 1'500;
    plan.visits.push_back(visit);
  }
  SettleExpectation& expected = plan.expected[{1, "USD"}];
  expected.our_commission_minor = 10'000;
  expected.their_commission_minor = 9'500;
  expected.causes = {{Cause::kLateRow, {Cause::kLateRow, -800, 2}},
                     {Cause::kDuplicateTheirs, {Cause::kDuplicateTheirs, 300, 1}}};
  plan.expected[{0, "CAD"}].our_commission_minor = 1;
  return plan;
}

json::value claims_run(std::string_view causes) {
  return json::parse(R"({"id": "r1", "clicks": {"our_gross": 3, "our_net": 2, "theirs": null}, "findings": [
      {"currency": "USD", "our_commission_minor": 10000, "their_commission_minor": 9500, "variance_pct": "5.00",
       "causes": [)" +
                     std::string(causes) + "]}]}");
}

SettleReport compare_run(const json::value& run) {
  SettleReport report;
  const auto compared = compare_settle_run(make_claims_plan(), 1, run, report);
  EXPECT_TRUE(compared) << compared.error().message;
  return report;
}

constexpr std::string_view kEveryCause = R"(
    {"cause": "late_row", "amount_minor": -800, "records": 2},
    {"cause": "duplicate_theirs", "amount_minor": 300, "records": 1})";

TEST(SettleClaims, WhatIsAsPlantedIsNoDifference) {
  const SettleReport report = compare_run(claims_run(kEveryCause));
  EXPECT_EQ(report.differences(), 0U);
  ASSERT_EQ(report.findings.size(), 1U) << "of this network alone";
  EXPECT_EQ(report.findings[0].partner, "settle-cj");
  EXPECT_EQ(report.findings[0].causes.size(), 2U);
  EXPECT_EQ(report.runs.at(0).clicks_gross.planted, 3);
  EXPECT_EQ(report.runs.at(0).clicks_net.planted, 2);
}

TEST(SettleClaims, ACentARecordACauseTooManyAndOneTooFewAreDifferences) {
  const auto differences = [](std::string_view causes) {
    return compare_run(claims_run(causes)).differences();
  };
  EXPECT_EQ(differences(R"({"cause": "late_row", "amount_minor": -801, "records": 2},
                           {"cause": "duplicate_theirs", "amount_minor": 300, "records": 1})"),
            1U);
  EXPECT_EQ(differences(R"({"cause": "late_row", "amount_minor": -800, "records": 1},
                           {"cause": "duplicate_theirs", "amount_minor": 300, "records": 1})"),
            1U);
  EXPECT_EQ(differences(std::string(kEveryCause) + R"(, {"cause": "unexplained", "amount_minor": 0, "records": 2})"),
            1U);
  EXPECT_EQ(differences(R"({"cause": "late_row", "amount_minor": -800, "records": 2})"), 1U);
  EXPECT_EQ(differences(""), 2U);
}

TEST(SettleClaims, ACurrencyTooManyAndOneTooFewAreDifferences) {
  const SettleReport report = compare_run(json::parse(R"({"id": "r1", "clicks": {"our_gross": 3, "our_net": 2},
      "findings": [{"currency": "EUR", "our_commission_minor": 0, "their_commission_minor": 5, "causes": [
        {"cause": "unexplained", "amount_minor": 5, "records": 1}]}]})"));
  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.differences(), 2U + 4U) << "EUR: theirs and a cause; USD: both sides and both causes";
}

TEST(SettleClaims, WhatIsNoRunIsAnError) {
  SettleReport report;
  for (const char* text : {"[]", "{}", R"({"findings": 1, "clicks": {}})", R"({"findings": []})"}) {
    EXPECT_EQ(compare_settle_run(make_claims_plan(), 1, json::parse(text), report).error().code, "bad_answer") << text;
  }
}

}  // namespace
}  // namespace tallystick::cli
