#include <fmt/format.h>

#include "tests/insights/live/world.h"

namespace tallystick::insights {
namespace {

namespace json = boost::json;

constexpr const char* kNone = "(unattributed)";

class RevenueReports : public World {};

json::value euros(std::int64_t minor, const char* amount) {
  return json::array{json::object{{"currency", "EUR"}, {"amount_minor", minor}, {"amount", amount}}};
}

// The defect of the source's joins: one click and one sale count once per exposure before them. Five exposures over two
// placements, one click, one sale of 10.01.
TEST_P(RevenueReports, OneClickAndOneSaleCountOnceHoweverManyExposuresPrecedeThem) {
  for (const char* at : {"10:00:00", "10:00:10", "10:00:20"}) {
    impression({.at = std::string("2026-11-19 ") + at, .merchant = "acme", .user = 1, .session = 1});
  }
  for (const char* at : {"10:00:30", "10:00:40"}) {
    impression(
        {.at = std::string("2026-11-19 ") + at, .placement = "search", .merchant = "acme", .user = 1, .session = 1});
  }
  const std::uint64_t clicked = click({.at = "2026-11-19 10:01:00", .merchant = "acme", .user = 1});
  conversion(
      {.at = "2026-11-19 11:00:00", .order = "o1", .commission_minor = 1'001, .merchant = "acme", .click = clicked});
  attribute(clicked, "search");
  share("last", "o1", "search", 0, 1, 1);
  share("first", "o1", "home", 0, 1, 1);
  share("linear", "o1", "home", 0, 3, 5);
  share("linear", "o1", "search", 3, 5, 5);
  share("time_decay", "o1", "home", 0, 999, 2'000);
  share("time_decay", "o1", "search", 999, 2'000, 2'000);
  share("position", "o1", "home", 0, 600, 1'000);
  share("position", "o1", "search", 600, 1'000, 1'000);
  publish_positions();
  const std::map<std::string, std::pair<std::int64_t, std::int64_t>> home_and_search = {{"last", {0, 1'001}},
                                                                                        {"first", {1'001, 0}},
                                                                                        {"linear", {600, 401}},
                                                                                        {"time_decay", {499, 502}},
                                                                                        {"position", {600, 401}}};
  for (const auto& [model, parts] : home_and_search) {
    for (const std::string basis : {"net", "gross"}) {
      const json::object report = get("/api/insights/performance?model=" + model + "&basis=" + basis);
      EXPECT_EQ(report.at("totals").at("clicks"), 1) << model;
      EXPECT_EQ(report.at("totals").at("conversions"), "1.0000") << model;
      EXPECT_EQ(report.at("totals").at("revenue"), euros(1'001, "10.01")) << model;
      const auto minor = [&](const char* placement) {
        const json::array& revenue = row_of(report, "by_placement", "placement", placement).at("revenue").as_array();
        return revenue.empty() ? 0 : revenue[0].at("amount_minor").as_int64();
      };
      EXPECT_EQ(minor("home"), parts.first) << model;
      EXPECT_EQ(minor("search"), parts.second) << model;
      EXPECT_EQ(row_of(report, "by_placement", "placement", "home").at("clicks"), 0);
      EXPECT_EQ(row_of(report, "by_placement", "placement", "search").at("clicks"), 1);
      EXPECT_TRUE(row_of(report, "by_placement", "placement_name", kNone).at("revenue").as_array().empty());
    }
  }
  const json::object linear = get("/api/insights/performance?model=linear");
  const json::object& home = row_of(linear, "by_placement", "placement", "home");
  EXPECT_EQ(home.at("conversions"), "0.6000");
  EXPECT_EQ(home.at("cvr_pct"), "20.0000");                   // 0.6 of 3
  EXPECT_EQ(home.at("rpm").at(0).at("amount"), "2000.0000");  // 6.00 of 3 impressions
  EXPECT_EQ(row_of(linear, "by_placement", "placement", "search").at("ctr_pct"), "50.0000");
  EXPECT_EQ(linear.at("totals").at("cvr_pct"), "20.0000");

  const json::object acme = get("/api/insights/merchants/acme?model=linear");
  EXPECT_EQ(acme.at("funnel").at("impressions"), 5);
  EXPECT_EQ(acme.at("funnel").at("clicks"), 1);
  EXPECT_EQ(acme.at("funnel").at("attributed_clicks"), 1);
  EXPECT_EQ(acme.at("funnel").at("conversions"), 1);
  EXPECT_EQ(acme.at("funnel").at("revenue"), euros(1'001, "10.01"));
  EXPECT_EQ(get("/api/insights/merchants/bolt").at("funnel").at("conversions"), 0);
}

TEST_P(RevenueReports, WhatHasNoPlacementStandsUnderUnattributed) {
  const std::uint64_t known = click({.at = "2026-11-19 10:00:00", .merchant = "acme"});
  click({.at = "2026-11-19 10:00:01", .merchant = "acme"});  // so new that attribution has not seen it
  const std::uint64_t none = click({.at = "2026-11-19 10:00:02", .merchant = "acme"});
  attribute(known, "home");
  attribute(none, "");
  conversion(
      {.at = "2026-11-19 10:01:00", .order = "new", .commission_minor = 70, .currency = "USD", .merchant = "acme"});
  conversion({.at = "2026-11-19 10:01:00", .order = "old", .commission_minor = 100, .merchant = "acme"});
  share("last", "old", "", 0, 1, 1, "acme");
  publish_positions();
  const json::object report = get("/api/insights/performance");
  const json::object& row = row_of(report, "by_placement", "placement_name", kNone);
  EXPECT_EQ(row.at("clicks"), 2);
  EXPECT_EQ(row.at("conversions"), "2.0000");
  EXPECT_TRUE(row.at("ctr_pct").is_null());
  EXPECT_TRUE(row.at("rpm").is_null());
  ASSERT_EQ(row.at("revenue").as_array().size(), 2U) << "currencies are never added up";
  EXPECT_EQ(row.at("revenue").at(0).at("amount"), "1.00");
  EXPECT_EQ(row.at("revenue").at(1).at("currency"), "USD");
  EXPECT_EQ(report.at("totals").at("clicks"), 3);
  EXPECT_EQ(get("/api/insights/merchants/acme").at("funnel").at("attributed_clicks"), 1);
}

TEST_P(RevenueReports, AConversionIsItsFirstTimeAndItsLastStatus) {
  // Pending in the period, approved with another amount after it.
  conversion({.at = "2026-11-19 10:00:00", .order = "a", .commission_minor = 100, .partner = "net"});
  conversion({.at = "2026-11-19 10:00:00",
              .order = "a",
              .commission_minor = 150,
              .status = "approved",
              .partner = "net",
              .received_at = "2026-11-20 11:00:00"});
  // Pending before the period: not in it, whatever comes later.
  conversion({.at = "2026-11-01 10:00:00", .order = "b", .commission_minor = 900, .partner = "net"});
  conversion({.at = "2026-11-19 10:00:00", .order = "b", .commission_minor = 900, .status = "paid", .partner = "net"});
  // Reversed.
  conversion({.at = "2026-11-18 10:00:00", .order = "c", .commission_minor = 500, .partner = "net"});
  conversion({.at = "2026-11-18 10:00:00",
              .order = "c",
              .commission_minor = 500,
              .status = "reversed",
              .partner = "net",
              .received_at = "2026-11-18 12:00:00"});
  // Invalid at first sight, or afterwards.
  conversion({.at = "2026-11-18 10:00:00", .order = "d", .commission_minor = 40, .partner = "net", .verdict = "sivt"});
  const std::uint64_t flooded =
      conversion({.at = "2026-11-18 10:00:00", .order = "e", .commission_minor = 7, .partner = "net"});
  revise("conversion", flooded, "givt");
  const json::object net = get("/api/partners/net/performance");
  EXPECT_EQ(net.at("totals").at("conversions"), 2);
  EXPECT_EQ(net.at("totals").at("reversed_conversions"), 1);
  EXPECT_EQ(net.at("totals").at("revenue"), euros(150, "1.50"));
  EXPECT_EQ(row_of(net, "by_day", "day", "2026-11-18").at("revenue"), euros(0, "0.00"));
  EXPECT_EQ(row_of(net, "by_day", "day", "2026-11-19").at("revenue"), euros(150, "1.50"));
  const json::object gross = get("/api/partners/net/performance?basis=gross");
  EXPECT_EQ(gross.at("totals").at("conversions"), 4);
  EXPECT_EQ(gross.at("totals").at("revenue"), euros(197, "1.97"));
  const json::object performance = get("/api/insights/performance");
  EXPECT_EQ(performance.at("totals").at("conversions"), "2.0000");
  EXPECT_EQ(performance.at("totals").at("reversed_conversions"), "1.0000");
}

// Before there is any, nobody looks for revisions; a second after the first one they do.
TEST_P(RevenueReports, TheFirstConversionThatIsJudgedAnewIsNoticed) {
  const std::uint64_t sale =
      conversion({.at = "2026-11-19 10:00:00", .order = "a", .commission_minor = 150, .partner = "net"});
  EXPECT_EQ(get("/api/partners/net/performance").at("totals").at("revenue"), euros(150, "1.50"));
  revise("conversion", sale, "sivt");
  clock_.advance_us(base::kMicrosPerSecond);
  EXPECT_EQ(get("/api/partners/net/performance").at("totals").at("conversions"), 0);
  EXPECT_EQ(get("/api/partners/net/performance?basis=gross").at("totals").at("conversions"), 1);
}

TEST_P(RevenueReports, APartnerIsShownByDayPlacementAndLink) {
  impression({.at = "2026-11-19 09:00:00", .partner = "net"});
  impression({.at = "2026-11-19 09:00:01", .placement = "search", .partner = "net"});
  impression({.at = "2026-11-19 09:00:02", .placement = "search", .partner = "net"});
  impression({.at = "2026-11-18 09:00:03", .placement = "search", .partner = "net"});
  impression({.at = "2026-11-19 09:00:03", .verdict = "givt", .partner = "net"});
  impression({.at = "2026-11-19 09:00:03", .partner = "other"});
  const std::uint64_t first = click({.at = "2026-11-19 10:00:00", .placement = "search"});
  const std::uint64_t second = click({.at = "2026-11-19 10:00:01", .link = "autumn"});
  const std::uint64_t third = click({.at = "2026-11-18 10:00:02", .placement = "search"});
  const std::uint64_t crawler = click({.at = "2026-11-19 10:00:03", .verdict = "givt"});
  click({.at = "2026-11-19 10:00:04", .link = "", .partner = "other"});
  forward(first);
  forward(second);
  forward(third, true);
  revise("click", second, "suspect");
  static_cast<void>(crawler);                                                                        // never forwarded
  conversion({.at = "2026-11-20 10:00:00", .order = "a", .commission_minor = 300, .click = first});  // partner by click
  conversion({.at = "2026-11-20 10:00:00", .order = "b", .commission_minor = 33, .partner = "net"});
  const json::object report = get("/api/partners/net/performance");
  const json::value& totals = report.at("totals");
  EXPECT_EQ(totals.at("impressions"), 4);
  EXPECT_EQ(totals.at("clicks"), 3);
  EXPECT_EQ(totals.at("gross_clicks"), 4);
  EXPECT_EQ(totals.at("givt_clicks"), 1);
  EXPECT_EQ(totals.at("net_clicks"), 3);
  EXPECT_EQ(totals.at("unconfirmed_clicks"), 1);
  EXPECT_EQ(totals.at("failed_clicks"), 1);
  EXPECT_EQ(totals.at("ctr_pct"), "75.0000");
  EXPECT_EQ(totals.at("conversions"), 2);
  EXPECT_EQ(totals.at("revenue"), euros(333, "3.33"));
  EXPECT_EQ(totals.at("rpm").at(0).at("amount"), "832.5000");  // 3.33 x 1000 / 4
  EXPECT_EQ(totals.at("epc").at(0).at("amount"), "1.1100");
  EXPECT_TRUE(totals.at("variance_pct").is_null());
  EXPECT_EQ(totals.at("variance_reason"), "no_reconciliation");
  EXPECT_EQ(report.at("by_day").as_array().size(), 7U);
  EXPECT_EQ(row_of(report, "by_day", "day", "2026-11-18").at("clicks"), 1);
  EXPECT_EQ(row_of(report, "by_day", "day", "2026-11-19").at("clicks"), 2);
  EXPECT_EQ(row_of(report, "by_day", "day", "2026-11-20").at("revenue"), euros(333, "3.33"));
  EXPECT_EQ(row_of(report, "by_day", "day", "2026-11-15").at("clicks"), 0);
  EXPECT_EQ(row_of(report, "by_placement", "placement", "search").at("impressions"), 3);
  EXPECT_EQ(row_of(report, "by_placement", "placement", "search").at("revenue"), euros(300, "3.00"));
  EXPECT_EQ(row_of(report, "by_placement", "placement_name", "(no placement)").at("clicks"), 1);
  EXPECT_EQ(row_of(report, "by_link", "link", "spring").at("clicks"), 2);
  EXPECT_EQ(row_of(report, "by_link", "link", "spring").at("revenue"), euros(300, "3.00"));
  EXPECT_EQ(row_of(report, "by_link", "link", "autumn").at("clicks"), 1);
  EXPECT_FALSE(row_of(report, "by_link", "link", "autumn").contains("impressions"));
  EXPECT_EQ(get("/api/partners/net/performance?basis=gross").at("totals").at("clicks"), 4);
}

// 18:40 UTC is 00:10 of the next day in Kolkata (UTC+5:30); 18:20 is 23:50 of the day.
TEST_P(RevenueReports, DaysOfAHalfHourZoneAreCutWhereTheyBegin) {
  impression({.at = "2026-11-18 18:20:00", .partner = "net"});
  impression({.at = "2026-11-18 18:40:00", .partner = "net"});
  const std::uint64_t clicked = click({.at = "2026-11-18 18:20:00"});
  forward(clicked);
  click({.at = "2026-11-18 18:40:00"});
  conversion({.at = "2026-11-18 18:29:59.999999", .order = "a", .commission_minor = 1, .partner = "net"});
  conversion({.at = "2026-11-18 18:30:00", .order = "b", .commission_minor = 20, .partner = "net"});
  const json::object report = get("/api/partners/net/performance?time_zone=Asia/Kolkata&from=2026-11-18&to=2026-11-19");
  ASSERT_EQ(report.at("by_day").as_array().size(), 2U);
  EXPECT_EQ(report.at("period").at("from"), "2026-11-17T18:30:00Z");
  const json::object& before = row_of(report, "by_day", "day", "2026-11-18");
  const json::object& after = row_of(report, "by_day", "day", "2026-11-19");
  EXPECT_EQ(before.at("impressions"), 1);
  EXPECT_EQ(before.at("clicks"), 1);
  EXPECT_EQ(before.at("unconfirmed_clicks"), 0);
  EXPECT_EQ(before.at("revenue"), euros(1, "0.01"));
  EXPECT_EQ(after.at("impressions"), 1);
  EXPECT_EQ(after.at("unconfirmed_clicks"), 1);
  EXPECT_EQ(after.at("revenue"), euros(20, "0.20"));
  // The same through hours: one of UTC lies in both days.
  const json::object utc = get("/api/partners/net/performance?from=2026-11-18T18:30:00Z&to=2026-11-19T00:00:00Z");
  EXPECT_EQ(utc.at("totals").at("impressions"), 1);
  EXPECT_EQ(utc.at("totals").at("clicks"), 1);
}

TALLY_OVER_BOTH(RevenueReports);

}  // namespace
}  // namespace tallystick::insights
