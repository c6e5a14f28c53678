#include "reconcile/discrepancy.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tests/reconcile/run_fixture.h"

namespace tallystick::reconcile::test {
namespace {

namespace json = boost::json;

base::Timestamp at(const char* text) {
  return *base::parse_rfc3339(text);
}

std::string due_on(const char* run_at, const char* zone) {
  return base::format_date(due_date(at(run_at), *base::TimeZone::find(zone)));
}

Discrepancy make_discrepancy() {
  Discrepancy discrepancy;
  discrepancy.id = id(7);
  discrepancy.latest_run_id = id(8);
  discrepancy.subject = "partner:acme-id";
  discrepancy.subject_name = "Acme";
  discrepancy.from = day("2026-11-01");
  discrepancy.to = day("2026-11-15");
  discrepancy.time_zone = "America/New_York";
  discrepancy.currency = eur();
  discrepancy.our_commission_minor = 2'700;
  discrepancy.their_commission_minor = 2'305;
  discrepancy.variance = {395, 2'700};
  discrepancy.due_date = day("2026-12-01");
  return discrepancy;
}

TEST(DueDate, IsTheNextBusinessDay) {
  EXPECT_EQ(due_on("2026-11-26T12:00:00Z", "UTC"), "2026-11-27") << "Thursday to Friday";
  EXPECT_EQ(due_on("2026-11-27T12:00:00Z", "UTC"), "2026-11-30") << "Friday to Monday";
  EXPECT_EQ(due_on("2026-11-28T12:00:00Z", "UTC"), "2026-11-30") << "Saturday to Monday";
  EXPECT_EQ(due_on("2026-11-29T12:00:00Z", "UTC"), "2026-11-30") << "Sunday to Monday";
  EXPECT_EQ(due_on("2026-11-30T12:00:00Z", "UTC"), "2026-12-01") << "Monday to Tuesday";
}

TEST(DueDate, GoesByTheDayOfTheSubjectsZone) {
  // Friday 23:30 in New York is Saturday in UTC and already afternoon in Tokyo.
  EXPECT_EQ(due_on("2026-11-27T04:30:00Z", "America/New_York"), "2026-11-27") << "still Thursday there";
  EXPECT_EQ(due_on("2026-11-27T04:30:00Z", "UTC"), "2026-11-30");
  EXPECT_EQ(due_on("2026-11-29T15:30:00Z", "Asia/Tokyo"), "2026-12-01") << "Monday there already";
}

TEST(Overdue, BeginsWhenTheDayIsOverThere) {
  Discrepancy discrepancy = make_discrepancy();
  EXPECT_FALSE(is_overdue(discrepancy, at("2026-12-02T04:59:59Z"))) << "still the 1st in New York";
  EXPECT_TRUE(is_overdue(discrepancy, at("2026-12-02T05:00:00Z")));
  discrepancy.state = DiscrepancyState::kResolved;
  EXPECT_FALSE(is_overdue(discrepancy, at("2026-12-05T05:00:00Z")));
}

TEST(Overdue, OccurrencesGoUnderTheAlertOfTheDiscrepancy) {
  Discrepancy late = make_discrepancy();
  Discrepancy owned = make_discrepancy();
  owned.id = id(9);
  owned.owner = "jo";
  Discrepancy early = make_discrepancy();
  early.due_date = day("2026-12-09");
  const auto occurrences =
      overdue_occurrences(std::vector<Discrepancy>{late, early, owned}, at("2026-12-02T12:00:00Z"));
  ASSERT_EQ(occurrences.size(), 2U);
  EXPECT_EQ(occurrences[0].dedupe_key, alert_key_of(late));
  EXPECT_EQ(occurrences[0].severity, alerts::Severity::kCritical);
  EXPECT_EQ(occurrences[0].summary,
            "the discrepancy with Acme of -3.95 EUR (14.63 %) for 2026-11-01 to 2026-11-15 was due on 2026-12-01 and "
            "has no owner");
  EXPECT_TRUE(occurrences[1].summary.ends_with("and is jo's"));
}

TEST(Discrepancies, AreAboutTheSameDaysOrTheirMonthGettingOn) {
  const Discrepancy discrepancy = make_discrepancy();
  EXPECT_TRUE(is_about(discrepancy, day("2026-11-01"), day("2026-11-15")));
  EXPECT_TRUE(is_about(discrepancy, day("2026-11-01"), day("2026-11-30")));
  EXPECT_FALSE(is_about(discrepancy, day("2026-11-01"), day("2026-11-14"))) << "fewer days";
  EXPECT_FALSE(is_about(discrepancy, day("2026-11-02"), day("2026-11-15")));
  EXPECT_FALSE(is_about(discrepancy, day("2026-11-01"), day("2026-12-31"))) << "more than the month";
  Discrepancy quarter = make_discrepancy();
  quarter.to = day("2026-12-31");
  EXPECT_TRUE(is_about(quarter, day("2026-11-01"), day("2026-12-31")));
}

TEST(Discrepancies, TheAlertHasTheFiguresAndTheLargestCauses) {
  const std::vector<CauseAmount> causes = {{Cause::kTimeZone, 5, 1},
                                           {Cause::kMissingSubId, 300, 2},
                                           {Cause::kRounding, -1, 1},
                                           {Cause::kUnexplained, -699, 3}};
  const alerts::Occurrence occurrence = occurrence_of(make_discrepancy(), causes);
  EXPECT_EQ(occurrence.severity, alerts::Severity::kWarning);
  EXPECT_EQ(occurrence.summary,
            "Acme states -3.95 EUR (14.63 %) against our figures for 2026-11-01 to 2026-11-15; look into it until "
            "2026-12-01");
  const json::value evidence = json::parse(occurrence.evidence);
  EXPECT_EQ(evidence.at("difference_minor"), -395);
  EXPECT_EQ(evidence.at("variance_pct"), "14.63");
  ASSERT_EQ(evidence.at("largest_causes").as_array().size(), 3U);
  EXPECT_EQ(evidence.at("largest_causes").at(0).at("cause"), "unexplained");
  EXPECT_EQ(evidence.at("largest_causes").at(1).at("cause"), "missing_sub_id");
  EXPECT_EQ(evidence.at("largest_causes").at(2).at("cause"), "time_zone");
}

TEST(Discrepancies, NamesGoBothWays) {
  for (const auto state : {DiscrepancyState::kOpen, DiscrepancyState::kInvestigating, DiscrepancyState::kResolved}) {
    EXPECT_EQ(parse_discrepancy_state(name_of(state)), state);
  }
  for (const auto resolution : {Resolution::kPartnerCorrects,
                                Resolution::kWeCorrect,
                                Resolution::kSettlesElsewhere,
                                Resolution::kAccepted,
                                Resolution::kOther}) {
    EXPECT_EQ(parse_resolution(name_of(resolution)), resolution);
  }
  EXPECT_EQ(parse_discrepancy_state("closed").error().code, "unknown_state");
  EXPECT_EQ(parse_resolution("").error().code, "unknown_resolution");
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    EXPECT_EQ(parse_cause(name_of(static_cast<Cause>(i))), static_cast<Cause>(i));
  }
}

}  // namespace
}  // namespace tallystick::reconcile::test
