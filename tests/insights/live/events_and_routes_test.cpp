#include "insights/routes.h"
#include "tests/insights/live/world.h"

namespace tallystick::insights {
namespace {

namespace json = boost::json;

class EventsReport : public World {};
class Routes : public World {};

TEST_P(EventsReport, ShowsTheNewestFirstWithVerdictAndMaskedPeople) {
  impression({.at = "2026-11-20 11:00:00",
              .merchant = "acme",
              .user = 0xab12'0000'0000'0001,
              .session = 0x000f'0000'0000'0001,
              .verdict = "givt",
              .partner = "net",
              .state = "viewable",
              .reasons = 1U | 1U << 6});
  const std::uint64_t clicked = click({.at = "2026-11-20 11:30:00", .placement = "search"});
  revise("click", clicked, "suspect", 1U << 9);
  conversion({.at = "2026-11-15 11:30:00",
              .order = "a",
              .commission_minor = 1'250,
              .partner = "net",
              .received_at = "2026-11-20 11:45:00"});
  const json::object report = get("/api/insights/events");
  const json::array& events = report.at("events").as_array();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].at("kind"), "conversion");
  EXPECT_EQ(events[0].at("state"), "pending");
  EXPECT_EQ(events[0].at("commission").at(0).at("amount"), "12.50");
  EXPECT_EQ(events[0].at("occurred_at"), "2026-11-15T11:30:00Z");
  EXPECT_EQ(events[1].at("kind"), "click");
  EXPECT_EQ(events[1].at("link"), "spring");
  EXPECT_EQ(events[1].at("verdict_class"), "suspect");
  EXPECT_EQ(events[1].at("reasons"), json::array{"no_impression"});
  EXPECT_EQ(events[1].at("revised_by"), "test_detector");
  EXPECT_EQ(events[1].at("score"), 50);
  EXPECT_TRUE(events[1].at("user").is_null());
  EXPECT_EQ(events[2].at("kind"), "impression");
  EXPECT_EQ(events[2].at("placement"), "home");
  EXPECT_EQ(events[2].at("state"), "viewable");
  EXPECT_EQ(events[2].at("reasons"), (json::array{"ua_crawler", "rate_ip"}));
  EXPECT_EQ(events[2].at("consent_basis"), "explicit");
  EXPECT_EQ(events[2].at("user"), "ab12");
  EXPECT_EQ(events[2].at("session"), "000f");
  EXPECT_TRUE(report.at("next_cursor").is_null());
  const std::string text = json::serialize(report);
  EXPECT_EQ(text.find("ab120000"), std::string::npos) << "no more than four digits";
}

TEST_P(EventsReport, PagesHoldEveryEventOnce) {
  // Some at the same moment, some days apart: the search has to widen.
  for (int i = 0; i < 25; ++i) {
    impression({.at = i < 10 ? "2026-11-20 11:59:00" : i < 20 ? "2026-11-20 03:00:00" : "2026-11-15 00:00:00"});
  }
  std::vector<std::int64_t> sequences;
  std::string cursor;
  for (int page = 0; page < 10; ++page) {
    const json::object report = get("/api/insights/events?limit=7" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const json::value& event : report.at("events").as_array()) {
      sequences.push_back(event.at("sequence").as_int64());
    }
    if (report.at("next_cursor").is_null()) {
      break;
    }
    cursor = std::string(report.at("next_cursor").as_string());
  }
  std::vector<std::int64_t> wanted;
  for (const auto& [first, count] : {std::pair{10, 10}, {20, 10}, {25, 5}}) {
    for (int i = 0; i < count; ++i) {
      wanted.push_back(first - i);
    }
  }
  EXPECT_EQ(sequences, wanted);
}

TEST_P(EventsReport, Filters) {
  impression({.at = "2026-11-20 11:00:00", .merchant = "acme", .partner = "net"});
  impression({.at = "2026-11-20 11:00:00", .placement = "search", .merchant = "bolt", .verdict = "sivt"});
  const std::uint64_t clicked = click({.at = "2026-11-20 11:00:00", .placement = "home", .merchant = "acme"});
  revise("click", clicked, "sivt");
  conversion({.at = "2026-11-20 11:00:00", .order = "a", .partner = "other", .merchant = "acme"});
  const auto count = [&](const std::string& query) {
    return get("/api/insights/events?" + query).at("events").as_array().size();
  };
  EXPECT_EQ(count("kind=impression"), 2U);
  EXPECT_EQ(count("kind=conversion"), 1U);
  EXPECT_EQ(count("class=sivt"), 2U) << "as revised";
  EXPECT_EQ(count("placement=home"), 2U);
  EXPECT_EQ(count("placement=home&kind=conversion"), 0U) << "a conversion is at no placement";
  EXPECT_EQ(count("partner=net"), 2U);
  EXPECT_EQ(count("merchant=acme"), 3U);
  EXPECT_EQ(count("merchant=acme&kind=click&class=valid"), 0U);
  EXPECT_EQ(refusal("/api/insights/events?kind=sale"), "400 bad_kind");
  EXPECT_EQ(refusal("/api/insights/events?class=bad"), "400 bad_class");
  EXPECT_EQ(refusal("/api/insights/events?limit=501"), "400 bad_limit");
  EXPECT_EQ(refusal("/api/insights/events?cursor=MTIz"), "400 bad_cursor");
  EXPECT_EQ(refusal("/api/insights/events?placement=nowhere"), "404 placement_not_found");
}

TEST_P(Routes, UnknownNamesAndQuestionsAreRefused) {
  EXPECT_EQ(refusal("/api/partners/nobody/performance"), "404 partner_not_found");
  EXPECT_EQ(refusal("/api/insights/merchants/nobody"), "404 merchant_not_found");
  EXPECT_EQ(refusal("/api/insights/placements/nowhere"), "404 placement_not_found");
  EXPECT_EQ(refusal("/api/insights/frequency?merchant=nobody"), "404 merchant_not_found");
  EXPECT_EQ(refusal("/api/insights/placements?day=7"), "400 unknown_parameter");
  EXPECT_EQ(refusal("/api/insights/placements?model=last"), "400 unknown_parameter");
  EXPECT_EQ(refusal("/api/insights/placements?basis=both"), "400 bad_basis");
  EXPECT_EQ(refusal("/api/insights/placements?exact=yes"), "400 bad_parameter");
  EXPECT_EQ(refusal("/api/insights/placements?format=xml"), "400 bad_format");
  EXPECT_EQ(refusal("/api/insights/performance?model=best"), "400 bad_model");
  EXPECT_EQ(refusal("/api/insights/placements?time_zone=Mars"), "400 unknown_time_zone");
  EXPECT_EQ(refusal("/api/insights/placements?days=401"), "400 bad_period");
  EXPECT_EQ(refusal("/api/insights/placements?format=csv&section=hours"), "400 unknown_section");
  // A name is a parameter, never part of the SQL.
  EXPECT_EQ(refusal("/api/insights/merchants/x'%20OR%201=1%20--"), "404 merchant_not_found");
}

TEST_P(Routes, AnswersSayWhatTheyAreAndHowFresh) {
  impression({.at = "2026-11-20 11:00:00"});
  publish_positions();
  const json::object report = get("/api/insights/placements?days=2&time_zone=Europe/Berlin");
  EXPECT_EQ(report.at("report"), "placements");
  EXPECT_EQ(report.at("period").at("from"), "2026-11-18T23:00:00Z");
  EXPECT_EQ(report.at("period").at("to"), "2026-11-20T23:00:00Z");
  EXPECT_EQ(report.at("period").at("first_day"), "2026-11-19");
  EXPECT_EQ(report.at("period").at("last_day"), "2026-11-20");
  EXPECT_EQ(report.at("period").at("time_zone"), "Europe/Berlin");
  EXPECT_EQ(report.at("basis"), "net");
  EXPECT_EQ(report.at("as_of").at("logs").at(0).at("sequence"), 2);
  EXPECT_EQ(report.at("as_of").at("logs").at(0).at("received_at"), "2026-11-20T12:00:00Z");
  // A batch that was begun and not done: its records may or may not be there.
  run("INSERT INTO load_positions (log_id, stage, version, state, first, end) VALUES (7, 'load', 9, 'begun', 2, 50)");
  const json::object during = get("/api/insights/placements");
  ASSERT_EQ(during.at("as_of").at("logs").as_array().size(), 1U);
  EXPECT_EQ(during.at("as_of").at("logs").at(0).at("sequence"), 2);
  EXPECT_TRUE(report.at("as_of").at("lag_records").is_null()) << "no loader here";
  warehouse_->set_progress({.log_id = 7, .loaded = 1, .durable = 5, .lag_seconds = 2.5});
  const json::object behind = get("/api/insights/placements");
  EXPECT_EQ(behind.at("as_of").at("lag_records"), 3) << "the position is newer than what the loader said";
  EXPECT_EQ(behind.at("as_of").at("lag_seconds"), 2.5);
  warehouse_->set_progress({.log_id = 7, .loaded = 1, .durable = 2, .lag_seconds = 2.5});
  EXPECT_EQ(get("/api/insights/placements").at("as_of").at("lag_seconds"), 0.0);
  EXPECT_EQ(report.at("columns").at("by_placement").at("columns").at(3).at("kind"), "integer");
}

TEST_P(Routes, EveryReportAnswersWithoutAnyEvent) {
  for (const std::string target : {"/api/insights/placements",
                                   "/api/insights/placements/home",
                                   "/api/insights/merchants/acme",
                                   "/api/insights/performance",
                                   "/api/insights/frequency",
                                   "/api/insights/events",
                                   "/api/partners/net/performance"}) {
    for (const std::string query : {"", "?exact=true", "?time_zone=Asia/Kolkata&basis=gross", "?format=csv"}) {
      EXPECT_EQ(call(target + query).status, 200) << target << query << call(target + query).body;
    }
  }
  EXPECT_EQ(row_of(get("/api/insights/performance"), "by_placement", "placement_name", "(unattributed)").at("clicks"),
            0);
}

TEST_P(Routes, CsvHasAHeaderAFileNameAndOneSection) {
  click({.at = "2026-11-19 10:00:00"});
  conversion({.at = "2026-11-19 10:00:00", .order = "a", .commission_minor = 250, .partner = "net"});
  conversion({.at = "2026-11-19 10:00:00", .order = "b", .commission_minor = 100, .currency = "JPY", .partner = "net"});
  const http::Response csv = call("/api/partners/net/performance?from=2026-11-19&to=2026-11-19", "text/csv");
  EXPECT_EQ(csv.content_type, "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(csv.headers.at(0).second, "attachment; filename=\"partner_performance-by_day-2026-11-19-2026-11-19.csv\"");
  EXPECT_EQ(csv.body,
            "day,impressions,clicks,gross_clicks,givt_clicks,sivt_clicks,net_clicks,unconfirmed_clicks,failed_clicks,"
            "ctr_pct,conversions,reversed_conversions,revenue_eur_minor,revenue_eur,revenue_jpy_minor,revenue_jpy,"
            "epc_eur,epc_jpy\r\n"
            "2026-11-19,0,1,1,0,0,1,1,0,,2,0,250,2.50,100,100,2.5000,100.00\r\n");
  EXPECT_EQ(call("/api/partners/net/performance?format=csv&section=by_link").body.substr(0, 13), "link_id,link,");
  EXPECT_EQ(call("/api/partners/net/performance?format=json", "text/csv").content_type, "application/json");
}

TEST_P(Routes, WithoutAWarehouseTheAnswerSaysWhatToDo) {
  warehouse_->stop();
  EXPECT_EQ(refusal("/api/insights/placements"), "503 warehouse_unavailable");
  InsightsService without(nullptr, clock_, "UTC");
  http::Router router;
  add_routes(router, without);
  http::Match match;
  router.match(http::Method::kGet, "/api/insights/performance", match);
  const http::Response response = match.route->handler({});
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body.find("warehouse_off"), std::string::npos);
  EXPECT_NE(response.body.find("engine.enabled"), std::string::npos);
}

TALLY_OVER_BOTH(EventsReport);
TALLY_OVER_BOTH(Routes);

}  // namespace
}  // namespace tallystick::insights
