#include "jobs/routes.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "tests/jobs/jobs_fixture.h"

namespace tallystick::jobs {
namespace {

namespace json = boost::json;
using http::Method;

class JobRoutes : public JobsTest {
 protected:
  void SetUp() override {
    JobsTest::SetUp();
    node_ = make_node("a");
    node_->runner.add_handler("work", [](JobContext&) -> base::Result<std::string> { return R"({"n":1})"; });
    ASSERT_TRUE(node_->runner.add_schedule(
        {.name = "nightly", .cron = "0 3 * * *", .time_zone = "Europe/Berlin", .draft = {.kind = "work"}}));
    add_routes(router_, queue(), node_->runner, [](http::Handler handler) { return handler; });
  }
  http::Response call(Method method, const std::string& path, const std::string& query = "", std::string body = "") {
    http::Match match;
    router_.match(method, path, match);
    if (match.route == nullptr) {
      throw std::runtime_error("no route for " + path);
    }
    http::Request request;
    request.path = path;
    request.query = query;
    request.body = std::move(body);
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, parameter.value);
    }
    return match.route->handler(request);
  }
  json::value get(const std::string& path, const std::string& query = "") {
    return json::parse(call(Method::kGet, path, query).body);
  }
  std::string path_of(const Job& job, const std::string& rest = "") {
    return "/api/jobs/" + base::format_uuid(job.id) + rest;
  }

  std::unique_ptr<Node> node_;
  http::Router router_;
};

TEST_P(JobRoutes, PagesGoFromTheNewestToTheOldest) {
  for (const char* kind : {"a", "b", "c"}) {
    clock_.advance_us(base::kMicrosPerMilli);
    enqueue({.kind = kind, .subject = "partner:1"});
  }
  const json::value first = get("/api/jobs", "limit=2");
  ASSERT_EQ(first.at("items").as_array().size(), 2U);
  EXPECT_EQ(first.at("items").at(0).at("kind").as_string(), "c");
  EXPECT_EQ(first.at("items").at(0).as_object().if_contains("payload"), nullptr);
  const std::string cursor(first.at("next_cursor").as_string());
  const json::value second = get("/jobs", "limit=2&cursor=" + cursor);
  ASSERT_EQ(second.at("items").as_array().size(), 1U);
  EXPECT_EQ(second.at("items").at(0).at("kind").as_string(), "a");
  EXPECT_TRUE(second.at("next_cursor").is_null());
  EXPECT_EQ(get("/api/jobs", "kind=b").at("items").as_array().size(), 1U);
  EXPECT_EQ(get("/api/jobs", "subject=partner:1&state=queued").at("items").as_array().size(), 3U);
  EXPECT_EQ(call(Method::kGet, "/api/jobs", "state=asleep").status, 400);
  EXPECT_EQ(call(Method::kGet, "/api/jobs", "cursor=x").status, 400);
}

TEST_P(JobRoutes, AJobIsShownCancelledAndRetried) {
  const Job job = enqueue({.kind = "work", .payload = R"({"file":"f"})"});
  const json::value shown = get(path_of(job));
  EXPECT_EQ(shown.at("payload").at("file").as_string(), "f");
  EXPECT_EQ(shown.at("state").as_string(), "queued");
  EXPECT_TRUE(shown.at("result").is_null());
  EXPECT_TRUE(shown.at("error").is_null());
  EXPECT_TRUE(shown.at("finished_at").is_null());
  EXPECT_EQ(call(Method::kPost, path_of(job, "/retry")).status, 409);
  const auto cancelled = call(Method::kPost, path_of(job, "/cancel"));
  EXPECT_EQ(cancelled.status, 200);
  EXPECT_EQ(json::parse(cancelled.body).at("state").as_string(), "cancelled");
  EXPECT_EQ(call(Method::kPost, path_of(job, "/cancel")).status, 409);
  const auto retried = call(Method::kPost, "/jobs/" + base::format_uuid(job.id) + "/retry", "", "{}");
  EXPECT_EQ(json::parse(retried.body).at("state").as_string(), "queued");
  node_->runner.start();
  wait_for(job.id, State::kDone);
  EXPECT_EQ(get(path_of(job)).at("result").at("n").as_int64(), 1);
}

TEST_P(JobRoutes, BadRequestsAreRefused) {
  const Job job = enqueue({.kind = "work"});
  EXPECT_EQ(call(Method::kGet, "/api/jobs/nonsense").status, 400);
  EXPECT_EQ(call(Method::kGet, "/api/jobs/" + base::format_uuid(base::Uuid{})).status, 404);
  EXPECT_EQ(call(Method::kPost, path_of(job, "/cancel"), "", R"({"force":true})").status, 422);
  EXPECT_EQ(call(Method::kPost, "/api/schedules/yearly/run").status, 404);
}

TEST_P(JobRoutes, SchedulesAreListedAndRun) {
  const json::value listed = get("/api/schedules");
  ASSERT_EQ(listed.at("items").as_array().size(), 1U);
  const json::value& schedule = listed.at("items").at(0);
  EXPECT_EQ(schedule.at("name").as_string(), "nightly");
  EXPECT_EQ(schedule.at("cron").as_string(), "0 3 * * *");
  EXPECT_EQ(schedule.at("time_zone").as_string(), "Europe/Berlin");
  EXPECT_EQ(schedule.at("next_at").as_string(), "2026-02-01T02:00:00Z");
  EXPECT_TRUE(schedule.at("last_at").is_null());
  const auto queued = call(Method::kPost, "/api/schedules/nightly/run");
  EXPECT_EQ(queued.status, 202);
  const std::string id(json::parse(queued.body).at("id").as_string());
  EXPECT_EQ(get("/api/jobs/" + id).at("kind").as_string(), "work");
}

TALLY_ON_BOTH_DATABASES(JobRoutes);

}  // namespace
}  // namespace tallystick::jobs
