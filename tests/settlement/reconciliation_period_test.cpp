#include "settlement/reconciliation_period.h"

#include <gtest/gtest.h>

#include "settlement/reconciliation_plan.h"

namespace tallystick::settlement {
namespace {

base::Date day(std::string_view text) {
  return base::parse_date(text).value();
}

Days days(std::string_view from, std::string_view to) {
  return {day(from), day(to)};
}

std::string code_of(const base::Result<Days>& result) {
  return result ? "" : result.error().code;
}

TEST(ReconciliationDays, AreTwoDatesInOrder) {
  EXPECT_EQ(parse_days("2026-10-01", "2026-10-01").value(), days("2026-10-01", "2026-10-01"));
  EXPECT_EQ(parse_days("2026-01-01", "2026-04-10").value(), days("2026-01-01", "2026-04-10"));
  EXPECT_EQ(code_of(parse_days("2026-01-01", "2026-04-11")), "bad_period") << "101 days";
  EXPECT_EQ(code_of(parse_days("2026-10-02", "2026-10-01")), "bad_period");
  EXPECT_EQ(code_of(parse_days("2026-10-02", "")), "bad_period");
  EXPECT_EQ(code_of(parse_days("yesterday", "2026-10-01")), "bad_period");
}

TEST(ReconciliationDays, OfAMonth) {
  EXPECT_EQ(parse_month("2026-02").value(), days("2026-02-01", "2026-02-28"));
  EXPECT_EQ(parse_month("2028-02").value(), days("2028-02-01", "2028-02-29"));
  EXPECT_EQ(parse_month("2026-12").value(), days("2026-12-01", "2026-12-31"));
  EXPECT_EQ(month_of(day("2026-10-31")), days("2026-10-01", "2026-10-31"));
  EXPECT_EQ(month_before(days("2026-01-01", "2026-01-31")), days("2025-12-01", "2025-12-31"));
  for (const std::string_view wrong : {"2026-13", "2026", "2026-1", "2026-10-01", ""}) {
    EXPECT_EQ(code_of(parse_month(wrong)), "bad_month") << wrong;
  }
}

TEST(ReconciliationDays, BeginAndEndWithTheDaysOfTheZone) {
  const auto berlin = base::TimeZone::find("Europe/Berlin").value();
  // Summer time ends in it: 745 hours.
  const Span october = span_of(days("2026-10-01", "2026-10-31"), berlin);
  EXPECT_EQ(base::format_rfc3339(october.from), "2026-09-30T22:00:00Z");
  EXPECT_EQ(base::format_rfc3339(october.to), "2026-10-31T23:00:00Z");
  const Span wide = widen(october, 45);
  EXPECT_EQ(base::format_rfc3339(wide.from), "2026-08-16T22:00:00Z");
  EXPECT_EQ(base::format_rfc3339(wide.to), "2026-12-15T23:00:00Z");
}

TEST(DaysToReconcile, OfAMonthThatIsOverAreAll) {
  const Days october = days("2026-10-01", "2026-10-31");
  EXPECT_EQ(days_to_reconcile(october, day("2026-11-01"), day("2026-10-02")), october);
  EXPECT_EQ(days_to_reconcile(october, day("2027-11-01"), day("2026-01-01")), october);
}

TEST(DaysToReconcile, OfThisMonthEndYesterdayAndWhereReportsEnd) {
  const Days october = days("2026-10-01", "2026-10-31");
  EXPECT_EQ(days_to_reconcile(october, day("2026-10-20"), day("2026-10-20")), days("2026-10-01", "2026-10-19"));
  EXPECT_EQ(days_to_reconcile(october, day("2026-10-20"), day("2026-10-12")), days("2026-10-01", "2026-10-12"));
  EXPECT_EQ(days_to_reconcile(october, day("2026-10-31"), day("2026-10-31")), days("2026-10-01", "2026-10-30"));
  EXPECT_EQ(days_to_reconcile(october, day("2026-10-01"), day("2026-10-01")), std::nullopt) << "no day is over";
  EXPECT_EQ(days_to_reconcile(october, day("2026-10-20"), day("2026-09-30")), std::nullopt) << "no report of it";
  EXPECT_EQ(days_to_reconcile(october, day("2026-09-20"), day("2026-10-05")), std::nullopt) << "it is to come";
}

}  // namespace
}  // namespace tallystick::settlement
