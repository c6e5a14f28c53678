#include <fmt/format.h>

#include "tests/insights/live/world.h"

namespace tallystick::insights {
namespace {

namespace json = boost::json;

// 2026-11-20 12:00 UTC it is; the default period is 2026-11-14 to 2026-11-20, UTC.
class ExposureReports : public World {};

TEST_P(ExposureReports, PlacementsShowGrossAndNetUsersMerchantsAndSlots) {
  // Session 1 sees three merchants at home, session 2 one; a crawler sees two more.
  impression({.at = "2026-11-19 10:00:00",
              .merchant = "acme",
              .user = 1,
              .session = 1,
              .state = "viewable",
              .slots_filled = 1});
  impression({.at = "2026-11-19 10:00:01", .merchant = "bolt", .user = 1, .session = 1, .slots_filled = 2});
  impression({.at = "2026-11-19 10:00:02",
              .merchant = "cora",
              .user = 1,
              .session = 1,
              .verdict = "suspect",
              .slots_filled = 3});
  impression({.at = "2026-11-19 11:00:00", .merchant = "acme", .user = 2, .session = 2, .slots_filled = 1});
  impression(
      {.at = "2026-11-19 11:00:01", .merchant = "bolt", .user = 9, .session = 9, .verdict = "givt", .slots_filled = 1});
  impression(
      {.at = "2026-11-19 11:00:02", .merchant = "cora", .user = 9, .session = 9, .verdict = "sivt", .slots_filled = 2});
  impression({.at = "2026-11-18 11:00:02", .placement = "search", .user = 1, .session = 1});
  impression({.at = "2026-11-10 11:00:02"});  // before the period
  const json::object net = get("/api/insights/placements");
  const json::object& home = row_of(net, "by_placement", "placement", "home");
  EXPECT_EQ(home.at("placement_name"), "Home page");
  EXPECT_EQ(home.at("impressions"), 4);
  EXPECT_EQ(home.at("gross_impressions"), 6);
  EXPECT_EQ(home.at("givt_impressions"), 1);
  EXPECT_EQ(home.at("sivt_impressions"), 1);
  EXPECT_EQ(home.at("net_impressions"), 4);
  EXPECT_EQ(home.at("viewable_impressions"), 1);
  EXPECT_EQ(home.at("unique_users"), 2);
  EXPECT_EQ(home.at("unique_merchants"), 3);
  EXPECT_EQ(home.at("average_slots_filled"), "2.0000");  // (3 + 1) / 2
  EXPECT_EQ(home.at("max_slots_filled"), 3);
  EXPECT_EQ(home.at("saturation_pct"), "75.0000");  // 3 of 4
  EXPECT_EQ(home.at("fill_pct"), "50.0000");        // 2 of 4
  const json::object& search = row_of(net, "by_placement", "placement", "search");
  EXPECT_EQ(search.at("impressions"), 1);
  EXPECT_EQ(search.at("unique_merchants"), 0);
  EXPECT_EQ(search.at("average_slots_filled"), "0.0000");
  EXPECT_EQ(search.at("saturation_pct"), "0.0000");
  const json::object& idle = row_of(net, "by_placement", "placement", "idle");
  EXPECT_EQ(idle.at("impressions"), 0);
  EXPECT_TRUE(idle.at("average_slots_filled").is_null());
  EXPECT_EQ(net.at("totals").at("net_impressions"), 5);
  EXPECT_EQ(net.at("totals").at("unique_users"), 2) << "one person at two placements is one person";
  EXPECT_EQ(net.at("totals").at("unique_merchants"), 3);

  const json::object gross = get("/api/insights/placements?basis=gross");
  const json::object& all = row_of(gross, "by_placement", "placement", "home");
  EXPECT_EQ(all.at("impressions"), 6);
  EXPECT_EQ(all.at("unique_users"), 3);
  EXPECT_EQ(all.at("average_slots_filled"), "2.0000");  // (3 + 1 + 2) / 3
}

TEST_P(ExposureReports, ExactFiguresAreThoseOfTheSketchesWhileThereAreFew) {
  for (int user = 1; user <= 40; ++user) {
    impression({.at = user % 2 == 0 ? "2026-11-19 10:00:00" : "2026-11-18 23:59:59.999999",
                .placement = user % 3 == 0 ? "home" : "search",
                .merchant = user % 5 == 0 ? "acme" : "bolt",
                .user = static_cast<std::uint64_t>(user % 17 + 1),
                .session = static_cast<std::uint64_t>(user % 11 + 1),
                .rank = user % 4,
                .slots_filled = 2});
  }
  // Whole days, edges within days, and within hours.
  const std::string whole_hours = "from=2026-11-18T13:00:00Z&to=2026-11-19T10:00:00Z";
  for (const std::string& period : {std::string("days=7"),
                                    std::string("time_zone=Europe/Berlin"),
                                    whole_hours,
                                    std::string("from=2026-11-18T12:30:00Z&to=2026-11-19T10:00:00.5Z"),
                                    std::string("time_zone=Asia/Kolkata")}) {
    const json::object estimate = get("/api/insights/placements?" + period);
    const json::object exact = get("/api/insights/placements?exact=true&" + period);
    for (const std::string placement : {"home", "search"}) {
      const json::object& left = row_of(estimate, "by_placement", "placement", json::value(placement));
      const json::object& right = row_of(exact, "by_placement", "placement", json::value(placement));
      for (const std::string member : {"impressions", "unique_users", "unique_merchants", "average_slots_filled"}) {
        EXPECT_EQ(left.at(member), right.at(member)) << placement << " " << member << " " << period;
      }
    }
    EXPECT_EQ(estimate.at("totals"), exact.at("totals"));
    EXPECT_TRUE(exact.at("estimated").as_array().empty());
    EXPECT_FALSE(estimate.at("estimated").as_array().empty());
    EXPECT_EQ(get("/api/insights/merchants/acme?" + period).at("by_placement"),
              get("/api/insights/merchants/acme?exact=true&" + period).at("by_placement"));
  }
  // Of users 5, 15, 25 and 35 the one that 3 divides saw it at home.
  const json::object acme = get("/api/insights/merchants/acme?" + whole_hours);
  EXPECT_EQ(row_of(acme, "by_placement", "placement", "home").at("impressions"), 1);
  EXPECT_EQ(row_of(acme, "by_placement", "placement", "search").at("impressions"), 3);
}

// A session that returns on another day counts again, a user does not, whichever weeks and days the period is made of.
TEST_P(ExposureReports, WeeksAndTheDaysBesideThemAreAddedUpOnce) {
  std::vector<std::string> times;
  for (int day = 1; day <= 19; ++day) {
    times.push_back(fmt::format("2026-11-{:02} 10:00:00", day));
  }
  for (int shown = 0; shown < 57; ++shown) {
    impression({.at = times[static_cast<std::size_t>(shown) % times.size()],
                .placement = shown % 4 == 0 ? "home" : "search",
                .merchant = shown % 5 == 0 ? "acme" : "bolt",
                .user = static_cast<std::uint64_t>(shown % 9 + 1),
                .session = static_cast<std::uint64_t>(shown % 6 + 1),
                .slots_filled = 1});
  }
  // 2026-11-02, 09 and 16 were Mondays.
  for (const std::string period : {"from=2026-11-01&to=2026-11-20",
                                   "from=2026-11-02&to=2026-11-15",
                                   "from=2026-11-02&to=2026-11-16",
                                   "from=2026-11-08&to=2026-11-15",
                                   "from=2026-11-03&to=2026-11-14",
                                   "from=2026-11-01T12:00:00Z&to=2026-11-09T11:00:00Z",
                                   "from=2026-11-01&to=2026-11-19&time_zone=Europe/Berlin"}) {
    const json::object estimate = get("/api/insights/placements?" + period);
    const json::object exact = get("/api/insights/placements?exact=true&" + period);
    EXPECT_EQ(estimate.at("by_placement"), exact.at("by_placement")) << period;
    EXPECT_EQ(estimate.at("totals"), exact.at("totals")) << period;
  }
  // Of 14 days 42 impressions; the three of a day are of three sessions.
  const json::object weeks = get("/api/insights/placements?from=2026-11-02&to=2026-11-15");
  EXPECT_EQ(row_of(weeks, "by_placement", "placement", "search").at("impressions").as_int64() +
                row_of(weeks, "by_placement", "placement", "home").at("impressions").as_int64(),
            42);
  EXPECT_EQ(row_of(weeks, "by_placement", "placement", "search").at("average_slots_filled"), "1.0000");
  EXPECT_EQ(weeks.at("totals").at("unique_users"), 9);
}

TEST_P(ExposureReports, ARevisedVerdictMovesTheImpression) {
  const std::uint64_t first =
      impression({.at = "2026-11-19 10:00:00", .merchant = "acme", .user = 1, .session = 1, .rank = 2});
  impression({.at = "2026-11-19 10:20:00", .merchant = "acme", .user = 2, .session = 2, .rank = 6});
  const std::uint64_t bot =
      impression({.at = "2026-11-19 10:40:00", .merchant = "bolt", .user = 3, .session = 3, .rank = 9});
  revise("impression", first, "givt");
  revise("impression", bot, "suspect");
  revise("impression", bot, "sivt", 0, "suspect");  // the last one holds
  for (const std::string period : {"days=7", "from=2026-11-19T10:00:00Z&to=2026-11-19T10:45:00Z"}) {
    const json::object report = get("/api/insights/placements?" + period);
    const json::object& home = row_of(report, "by_placement", "placement", "home");
    EXPECT_EQ(home.at("net_impressions"), 1) << period;
    EXPECT_EQ(home.at("givt_impressions"), 1) << period;
    EXPECT_EQ(home.at("sivt_impressions"), 1) << period;
    EXPECT_EQ(home.at("gross_impressions"), 3) << period;
    const json::object exact = get("/api/insights/placements?exact=true&" + period);
    EXPECT_EQ(row_of(exact, "by_placement", "placement", "home").at("unique_users"), 1) << period;
  }
  const json::object acme = get("/api/insights/merchants/acme");
  EXPECT_EQ(row_of(acme, "by_placement", "placement", "home").at("average_rank"), "6.0000");
  EXPECT_EQ(
      row_of(get("/api/insights/merchants/acme?basis=gross"), "by_placement", "placement", "home").at("average_rank"),
      "4.0000");
}

TEST_P(ExposureReports, AMerchantIsShownByPlacementWithItsRank) {
  impression({.at = "2026-11-19 10:00:00", .merchant = "acme", .user = 1, .rank = 0});
  impression({.at = "2026-11-19 10:00:00", .merchant = "acme", .user = 1, .rank = 3});
  impression({.at = "2026-11-19 10:00:00", .merchant = "acme", .user = 2});  // no rank: not in the average
  impression({.at = "2026-11-19 10:00:00", .placement = "search", .merchant = "acme", .user = 1, .rank = 7});
  impression({.at = "2026-11-19 10:00:00", .merchant = "bolt", .user = 1, .rank = 100});
  const json::object report = get("/api/insights/merchants/acme");
  EXPECT_EQ(report.at("merchant_name"), "Acme");
  const json::object& home = row_of(report, "by_placement", "placement", "home");
  EXPECT_EQ(home.at("impressions"), 3);
  EXPECT_EQ(home.at("impression_share_pct"), "75.0000");
  EXPECT_EQ(home.at("unique_users"), 2);
  EXPECT_EQ(home.at("average_rank"), "1.5000");
  EXPECT_EQ(report.at("funnel").at("impressions"), 4);
  EXPECT_EQ(report.at("funnel").at("unique_users"), 2);
  EXPECT_EQ(report.at("funnel").at("average_rank"), "3.3333");  // 10 / 3
  EXPECT_TRUE(report.at("funnel").at("conversions_per_click_pct").is_null());
}

TEST_P(ExposureReports, APlacementShowsItsTopMerchantsAndConcentration) {
  const auto show = [&](std::string_view merchant, int times) {
    for (int i = 0; i < times; ++i) {
      impression({.at = "2026-11-19 10:00:00", .merchant = merchant});
    }
  };
  show("acme", 5);
  show("bolt", 3);
  show("cora", 1);
  show("00000000-0000-4000-8000-0000000000aa", 1);  // no record of it
  show("", 2);
  const json::object report = get("/api/insights/placements/home");
  const json::array& top = report.at("top_merchants").as_array();
  ASSERT_EQ(top.size(), 4U);
  EXPECT_EQ(top[0].at("merchant"), "acme");
  EXPECT_EQ(top[0].at("impression_share_pct"), "50.0000");
  EXPECT_EQ(top[1].at("merchant"), "bolt");
  EXPECT_EQ(row_of(report, "top_merchants", "merchant_id", "00000000-0000-4000-8000-0000000000aa").at("merchant"),
            nullptr);
  EXPECT_EQ(report.at("concentration").at("impressions"), 10);
  EXPECT_EQ(report.at("concentration").at("top_3_impressions"), 9);
  EXPECT_EQ(report.at("concentration").at("top_3_pct"), "90.0000");
  EXPECT_EQ(report.at("concentration").at("top_5_pct"), "100.0000");
  EXPECT_EQ(report.at("totals").at("impressions"), 12);
}

TEST_P(ExposureReports, HoursAreThoseOfTheZone) {
  impression({.at = "2026-11-19 10:15:00"});  // Berlin 11, Kolkata 15:45
  impression({.at = "2026-11-19 10:40:00"});  // Berlin 11, Kolkata 16:10
  impression({.at = "2026-11-19 18:40:00"});  // Kolkata 00:10 of the next day
  const auto hours = [&](const std::string& zone) {
    std::string text;
    const json::object report = get("/api/insights/placements/home?time_zone=" + zone);
    for (const json::value& row : report.at("hours_of_day").as_array()) {
      if (row.at("impressions") != 0) {
        text += json::serialize(row.at("hour")) + ":" + json::serialize(row.at("impressions")) + " ";
      }
    }
    return text;
  };
  EXPECT_EQ(hours("UTC"), "10:2 18:1 ");
  EXPECT_EQ(hours("Europe/Berlin"), "11:2 19:1 ");
  EXPECT_EQ(hours("Asia/Kolkata"), "0:1 15:1 16:1 ");
}

TEST_P(ExposureReports, FrequencyCountsUsersByTheirImpressions) {
  const auto see = [&](std::uint64_t user, int times, std::string_view merchant) {
    for (int i = 0; i < times; ++i) {
      impression({.at = "2026-11-19 10:00:00", .merchant = merchant, .user = user});
    }
  };
  see(1, 1, "acme");
  see(2, 1, "acme");
  see(3, 4, "acme");
  see(4, 5, "bolt");
  see(5, 21, "acme");
  see(0, 2, "acme");
  const std::uint64_t late = impression({.at = "2026-11-19 10:00:00", .merchant = "bolt", .user = 1});
  const auto users = [&](const std::string& query) {
    std::string text;
    const json::object report = get("/api/insights/frequency" + query);
    for (const json::value& row : report.at("distribution").as_array()) {
      text += json::serialize(row.at("users")) + " ";
    }
    return text + json::serialize(report.at("totals").at("impressions_without_user"));
  };
  EXPECT_EQ(users(""), "1 1 0 2 0 0 1 2");
  EXPECT_EQ(users("?merchant=acme"), "2 0 0 1 0 0 1 2");
  EXPECT_EQ(users("?placement=search"), "0 0 0 0 0 0 0 0");
  revise("impression", late, "sivt");
  EXPECT_EQ(users(""), "2 0 0 2 0 0 1 2");
  EXPECT_EQ(users("?exact=true"), "2 0 0 2 0 0 1 2");
  EXPECT_EQ(users("?basis=gross"), "1 1 0 2 0 0 1 2");
  const std::uint64_t doubted =
      impression({.at = "2026-11-19 10:00:00", .merchant = "bolt", .user = 6, .verdict = "givt"});
  EXPECT_EQ(users("?merchant=bolt"), "0 0 0 1 0 0 0 0");
  revise("impression", doubted, "valid");
  EXPECT_EQ(users("?merchant=bolt"), "1 0 0 1 0 0 0 0");
}

TALLY_OVER_BOTH(ExposureReports);

}  // namespace
}  // namespace tallystick::insights
