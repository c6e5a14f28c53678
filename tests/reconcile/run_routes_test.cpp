#include <algorithm>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "reconcile/routes.h"
#include "tests/reconcile/run_fixture.h"

namespace tallystick::reconcile::test {
namespace {

namespace json = boost::json;
using http::Method;

class RunRoutes : public RunFixture {
 protected:
  void SetUp() override {
    RunFixture::SetUp();
    add_routes(
        router_,
        *service_,
        [](std::string_view text) -> base::Result<std::string> {
          if (text == "acme") {
            return std::string("partner:acme-id");
          }
          return base::fail(base::ErrorKind::kNotFound, "partner_not_found", "there is no such partner");
        },
        [this](http::Handler handler) {
          ++wrapped_;
          return handler;
        });
  }

  http::Response call(Method method,
                      const std::string& target,
                      std::string body = {},
                      std::vector<std::pair<std::string, std::string>> headers = {}) {
    clock_.advance_us(1'000);
    http::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.principal.id = "key-1";
    request.principal.name = "Jo";
    http::Match match;
    router_.match(method, request.path, match);
    if (match.route == nullptr) {
      throw std::runtime_error("no route for " + target);
    }
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, base::percent_decode(parameter.value).value());
    }
    return match.route->handler(request);
  }
  json::value get(const std::string& target) {
    const http::Response response = call(Method::kGet, target);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  }
  std::string code(const http::Response& response) {
    return std::to_string(response.status) + " " + std::string(json::parse(response.body).at("code").as_string());
  }
  static std::string header_of(const http::Response& response, std::string_view name) {
    const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
    return found == response.headers.end() ? "" : found->second;
  }
  static std::string path_of(const KeptRun& run) { return "/api/reconciliations/" + base::format_uuid(run.id); }

  http::Router router_;
  int wrapped_ = 0;
};

TEST_P(RunRoutes, ListsRunsByPartnerAndDays) {
  const KeptRun first = must_keep(make_small());
  const KeptRun second = must_keep(make_small());
  const json::value page = get("/api/reconciliations?subject=acme&limit=1");
  ASSERT_EQ(page.at("items").as_array().size(), 1U);
  EXPECT_EQ(page.at("items").at(0).at("id").as_string(), base::format_uuid(second.id));
  const json::value rest =
      get("/api/reconciliations?subject=acme&limit=1&cursor=" + std::string(page.at("next_cursor").as_string()));
  EXPECT_EQ(rest.at("items").at(0).at("id").as_string(), base::format_uuid(first.id));
  EXPECT_TRUE(rest.at("next_cursor").is_null());
  EXPECT_EQ(get("/api/reconciliations?from=2026-12-01").at("items").as_array().size(), 0U);
  EXPECT_EQ(get("/api/reconciliations?from=2026-11-30&to=2026-12-31").at("items").as_array().size(), 2U);
  EXPECT_EQ(code(call(Method::kGet, "/api/reconciliations?subject=none")), "404 partner_not_found");
  EXPECT_EQ(code(call(Method::kGet, "/api/reconciliations?from=yesterday")), "400 bad_date");
}

TEST_P(RunRoutes, ShowsFiguresCausesAndWhatChanged) {
  must_keep(make_small());
  Made made = make_small();
  Finding& finding = made.outcome.findings.front();
  finding.their_commission_minor = 2'005;
  finding.variance = {695, 2'700};
  finding.causes = {{Cause::kTolerance, 5, 1}, {Cause::kUnexplained, -700, 1}};
  const KeptRun run = must_keep(made);
  const json::value shown = get(path_of(run));
  EXPECT_EQ(shown.at("period").at("from"), "2026-11-01");
  EXPECT_EQ(shown.at("clicks").at("our_net"), 45);
  EXPECT_EQ(shown.at("sources").at("imports").at(0), "i-1");
  const json::value& shown_finding = shown.at("findings").at(0);
  EXPECT_EQ(shown_finding.at("our_commission"), "27.00");
  EXPECT_EQ(shown_finding.at("difference_minor"), -695);
  EXPECT_EQ(shown_finding.at("variance_pct"), "25.74");
  EXPECT_EQ(shown_finding.at("causes").at(1).at("cause"), "unexplained");
  EXPECT_EQ(shown_finding.at("causes").at(1).at("amount"), "-7.00");
  const json::value& change = shown.at("previous").at("changes").at(0);
  EXPECT_EQ(change.at("currency"), "EUR");
  EXPECT_EQ(change.at("our_commission").at("change_minor"), 0);
  EXPECT_EQ(change.at("their_commission").at("change"), "-3.00");
  EXPECT_EQ(change.at("variance_pct").at("before"), "14.63");
  ASSERT_EQ(change.at("causes").as_array().size(), 1U) << "only what changed";
  EXPECT_EQ(change.at("causes").at(0).at("cause"), "missing_sub_id");
  EXPECT_EQ(change.at("causes").at(0).at("now_minor"), 0);
  ASSERT_EQ(shown.at("discrepancies").as_array().size(), 1U);
  EXPECT_EQ(code(call(Method::kGet, "/api/reconciliations/" + base::format_uuid(base::Uuid{}))), "404 run_not_found");
  EXPECT_EQ(code(call(Method::kGet, "/api/reconciliations/7")), "400 bad_uuid");
}

TEST_P(RunRoutes, ListsItemsWithBothSides) {
  const KeptRun run = must_keep(make_small());
  const json::value page = get(path_of(run) + "/items?kind=matched&limit=1");
  const json::value& plain = page.at("items").at(0);
  EXPECT_EQ(plain.at("match").at("rule"), "click_id");
  EXPECT_TRUE(plain.at("match").at("runner_up").is_null());
  EXPECT_TRUE(plain.at("causes").as_array().empty());
  const json::value rest =
      get(path_of(run) + "/items?kind=matched&cursor=" + std::string(page.at("next_cursor").as_string()));
  ASSERT_EQ(rest.at("items").as_array().size(), 1U);
  const json::value& item = rest.at("items").at(0);
  EXPECT_EQ(item.at("match").at("runner_up").at("confidence_permille"), 400);
  EXPECT_EQ(item.at("claim").at("key"), "T-2");
  EXPECT_EQ(item.at("claim").at("commission"), "10.05");
  EXPECT_EQ(item.at("truth").at("order_id"), "a-2");
  EXPECT_EQ(item.at("causes").at(0).at("cause"), "tolerance");
  EXPECT_TRUE(rest.at("next_cursor").is_null());
  const json::value alone = get(path_of(run) + "/items?cause=missing_sub_id").at("items").at(0);
  EXPECT_TRUE(alone.at("truth").is_null());
  EXPECT_TRUE(alone.at("match").is_null());
  EXPECT_EQ(get(path_of(run) + "/items?different=true").at("items").as_array().size(), 3U);
  EXPECT_EQ(code(call(Method::kGet, path_of(run) + "/items?kind=both")), "400 unknown_item_kind");
  EXPECT_EQ(code(call(Method::kGet, path_of(run) + "/items?cause=magic")), "400 unknown_cause");
  EXPECT_EQ(code(call(Method::kGet, path_of(run) + "/items?currency=euro")), "400 unknown_currency");
  EXPECT_EQ(code(call(Method::kGet, path_of(run) + "/items?format=xml")), "400 bad_format");
  EXPECT_EQ(code(call(Method::kGet, path_of(run) + "/items?limit=501")), "400 bad_limit");
  EXPECT_EQ(code(call(Method::kGet, path_of(run) + "/items?cursor=LTE")), "400 bad_cursor") << "-1";
}

TEST_P(RunRoutes, ExportsItemsInPartsThatMakeOneTable) {
  const KeptRun run = must_keep(make_small());
  const http::Response whole = call(Method::kGet, path_of(run) + "/items?format=csv");
  EXPECT_EQ(whole.content_type, "text/csv; charset=utf-8");
  EXPECT_EQ(header_of(whole, "Link"), "");
  EXPECT_THAT(whole.body, testing::StartsWith("position,kind,currency,our_commission_minor,our_commission,"));
  EXPECT_EQ(std::ranges::count(whole.body, '\n'), 5);
  EXPECT_THAT(whole.body, testing::HasSubstr("\r\n1,matched,EUR,1000,10.00,1005,10.05,5,0.05,tolerance,order_id,990,"));
  std::string parts;
  std::string target = path_of(run) + "/items?format=csv&limit=3";
  int answers = 0;
  while (!target.empty()) {
    const http::Response part = call(Method::kGet, target);
    parts += part.body;
    ++answers;
    const std::string link = header_of(part, "Link");
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(answers, 2);
  EXPECT_EQ(parts, whole.body);
}

TEST_P(RunRoutes, ExportsALongRunToItsEnd) {
  const KeptRun run = must_keep(make_large(16'000));
  std::int64_t lines = 0;
  int answers = 0;
  std::string target = path_of(run) + "/items?format=csv";
  while (!target.empty()) {
    const http::Response part = call(Method::kGet, target);
    lines += std::ranges::count(part.body, '\n');
    ++answers;
    const std::string link = header_of(part, "Link");
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(lines, 16'002) << "the names, 16,000 pairs and the one alone";
  EXPECT_GT(answers, 0);
}

TEST_P(RunRoutes, ExportsFindingsWhoseCausesAddUp) {
  const KeptRun run = must_keep(make_small());
  const http::Response csv = call(Method::kGet, path_of(run) + "/findings?format=csv");
  const std::string header = csv.body.substr(0, csv.body.find("\r\n"));
  EXPECT_THAT(header, testing::HasSubstr("variance_pct,is_discrepancy,"));
  EXPECT_THAT(header, testing::EndsWith("tolerance_minor,tolerance,unexplained_minor,unexplained"));
  EXPECT_THAT(csv.body, testing::HasSubstr(",-395,-3.95,14.63,true,2,1,1,1,0,"));
  EXPECT_THAT(csv.body, testing::EndsWith(",0,0.00,5,0.05,-700,-7.00\r\n"));
  EXPECT_EQ(get(path_of(run) + "/findings").at("items").as_array().size(), 1U);
}

TEST_P(RunRoutes, TheStatementIsAPageOrATable) {
  const KeptRun run = must_keep(make_small());
  const http::Response page = call(Method::kGet, path_of(run) + "/statement");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(header_of(page, "Content-Security-Policy"), testing::HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.body, testing::HasSubstr("Statement: Acme"));
  const http::Response csv = call(Method::kGet, path_of(run) + "/statement?format=csv");
  EXPECT_THAT(csv.body, testing::HasSubstr("Acme,2026-11-01,2026-11-30,EUR,waterfall,ours,3,2700,27.00,"));
  EXPECT_EQ(code(call(Method::kGet, path_of(run) + "/statement?format=pdf")), "400 bad_format");
}

TEST_P(RunRoutes, DiscrepanciesAreSettledStepByStep) {
  must_keep(make_small());
  const json::value page = get("/api/discrepancies?state=unresolved&subject=acme");
  ASSERT_EQ(page.at("items").as_array().size(), 1U);
  const std::string path = "/api/discrepancies/" + std::string(page.at("items").at(0).at("id").as_string());
  EXPECT_EQ(page.at("items").at(0).at("is_overdue"), false);
  const http::Response shown = call(Method::kGet, path);
  EXPECT_EQ(header_of(shown, "ETag"), "\"1\"");
  EXPECT_EQ(json::parse(shown.body).at("notes").as_array().size(), 1U);
  const http::Response taken = call(Method::kPatch,
                                    path,
                                    R"({"owner":"jo","due_date":"2026-12-04","state":"investigating"})",
                                    {{"If-Match", "\"1\""}});
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(json::parse(taken.body).at("due_date"), "2026-12-04");
  EXPECT_EQ(code(call(Method::kPatch, path, R"({"owner":"al"})", {{"If-Match", "\"1\""}})), "412 version_conflict");
  const http::Response noted = call(Method::kPost, path + "/notes", R"({"text":"asked their support"})");
  EXPECT_EQ(noted.status, 201);
  EXPECT_EQ(json::parse(noted.body).at("author"), "Jo");
  EXPECT_EQ(get("/api/discrepancies?owner=jo").at("items").as_array().size(), 1U);
  const http::Response resolved = call(
      Method::kPatch, path, R"({"state":"resolved","resolution":{"code":"partner_corrects","text":"in December"}})");
  EXPECT_EQ(resolved.status, 200) << resolved.body;
  EXPECT_EQ(json::parse(resolved.body).at("resolution").at("code"), "partner_corrects");
  EXPECT_EQ(get("/api/discrepancies?state=unresolved").at("items").as_array().size(), 0U);
  EXPECT_EQ(get("/api/discrepancies?state=resolved").at("items").as_array().size(), 1U);
  EXPECT_EQ(code(call(Method::kPatch, path, R"({"owner":"al"})")), "409 discrepancy_resolved");
}

TEST_P(RunRoutes, BadChangesNameEveryMistake) {
  must_keep(make_small());
  const std::string path =
      "/api/discrepancies/" + std::string(get("/api/discrepancies").at("items").at(0).at("id").as_string());
  const auto refused = call(Method::kPatch,
                            path,
                            R"({"owner":7,"due_date":"soon","state":"closed","colour":"red",
                                "resolution":{"code":"magic","why":"x"}})");
  EXPECT_EQ(code(refused), "422 validation_failed");
  std::vector<std::string> pointers;
  const json::value body = json::parse(refused.body);
  for (const json::value& field : body.at("errors").as_array()) {
    pointers.emplace_back(field.at("pointer").as_string());
  }
  EXPECT_THAT(
      pointers,
      testing::UnorderedElementsAre("/owner", "/due_date", "/state", "/resolution/code", "/resolution/why", "/colour"));
  EXPECT_EQ(code(call(Method::kPost, path + "/notes", "{}")), "422 validation_failed");
  EXPECT_EQ(code(call(Method::kPost, path + "/notes", R"({"text":""})")), "422 validation_failed");
  EXPECT_EQ(code(call(Method::kGet, "/api/discrepancies?state=closed")), "400 unknown_state");
  EXPECT_EQ(code(call(Method::kGet, "/api/discrepancies/" + base::format_uuid(base::Uuid{}))),
            "404 discrepancy_not_found");
}

TEST_P(RunRoutes, ScopesAreDeclared) {
  for (const auto& route : router_.routes()) {
    const bool is_reading = route->method == Method::kGet;
    EXPECT_EQ(route->scope, is_reading ? "reconciliation:read" : "reconciliation:write") << route->pattern;
  }
  EXPECT_EQ(wrapped_, 1) << "adding a note";
}

TALLY_ON_BOTH_DATABASES(RunRoutes);

}  // namespace
}  // namespace tallystick::reconcile::test
