#include "alerts/routes.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/database_test.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

class AlertRoutes : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    service_ = std::make_unique<AlertService>(database(), log_, clock_, random_);
    add_routes(router_,
               *service_,
               [this](soci::session&,
                      const http::Request& request,
                      const Alert&,
                      const std::string& before,
                      const std::string& after) {
                 recorded_.push_back(request.path + " " + before + " " + after);
                 return is_recording_possible_ ? base::Result<void>()
                                               : base::fail(base::ErrorKind::kUnavailable, "no_trail", "no");
               });
  }
  http::Response call(http::Method method,
                      const std::string& path,
                      const std::string& body = "",
                      const std::string& query = "") {
    http::Match match;
    router_.match(method, path, match);
    if (match.route == nullptr) {
      throw std::runtime_error("no route for " + path);
    }
    http::Request request;
    request.path = path;
    request.query = query;
    request.body = body;
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, parameter.value);
    }
    return match.route->handler(request);
  }

  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  base::SeededRandom random_{1};
  base::Log log_{{.level = base::LogLevel::kOff}, clock_};
  std::unique_ptr<AlertService> service_;
  http::Router router_;
  std::vector<std::string> recorded_;
  bool is_recording_possible_ = true;
};

TEST_P(AlertRoutes, ListsByStateAndSettles) {
  const Alert alert = *service_->raise({.dedupe_key = "disk",
                                        .severity = Severity::kCritical,
                                        .subject = "journal",
                                        .summary = "the disk is full; make room",
                                        .evidence = R"({"free_bytes":0})"});
  const std::string path = "/api/alerts/" + base::format_uuid(alert.id);
  const json::value open = json::parse(call(http::Method::kGet, "/api/alerts", "", "state=open").body);
  ASSERT_EQ(open.at("items").as_array().size(), 1U);
  EXPECT_EQ(open.at("items").at(0).at("evidence").at("free_bytes").as_int64(), 0);
  EXPECT_EQ(call(http::Method::kPost, path + "/acknowledge", R"({"notes":"on it"})").status, 200);
  const auto resolved = call(http::Method::kPost, path + "/resolve");
  EXPECT_EQ(json::parse(resolved.body).at("state").as_string(), "resolved");
  EXPECT_EQ(json::parse(resolved.body).at("notes").as_string(), "on it");
  EXPECT_EQ(call(http::Method::kPost, path + "/acknowledge").status, 409);
  const json::value left = json::parse(call(http::Method::kGet, "/api/alerts", "", "state=open").body);
  EXPECT_TRUE(left.at("items").as_array().empty());
}

TEST_P(AlertRoutes, BadRequestsAreRefused) {
  EXPECT_EQ(call(http::Method::kGet, "/api/alerts", "", "state=asleep").status, 400);
  EXPECT_EQ(call(http::Method::kPost, "/api/alerts/nonsense/resolve").status, 400);
  EXPECT_EQ(call(http::Method::kPost, "/api/alerts/" + base::format_uuid(base::Uuid{}) + "/resolve").status, 404);
  EXPECT_EQ(call(http::Method::kPost, "/api/alerts/" + base::format_uuid(base::Uuid{}) + "/resolve", "[]").status, 400);
}

TEST_P(AlertRoutes, SettlingIsRecordedOrDoesNotHappen) {
  const auto alert =
      service_->raise({.dedupe_key = "k", .severity = Severity::kInfo, .subject = "s", .summary = "x", .evidence = ""});
  ASSERT_TRUE(alert);
  const std::string path = "/api/alerts/" + base::format_uuid(alert->id) + "/acknowledge";
  is_recording_possible_ = false;
  EXPECT_EQ(call(http::Method::kPost, path).status, 503);
  EXPECT_EQ(service_->list(State::kOpen, "", 10)->size(), 1U);
  is_recording_possible_ = true;
  EXPECT_EQ(call(http::Method::kPost, path).status, 200);
  ASSERT_EQ(recorded_.size(), 2U);
  EXPECT_THAT(recorded_[1], testing::HasSubstr("\"state\":\"open\""));
  EXPECT_THAT(recorded_[1], testing::HasSubstr("\"state\":\"acknowledged\""));
}

TALLY_ON_BOTH_DATABASES(AlertRoutes);

}  // namespace
}  // namespace tallystick::alerts
