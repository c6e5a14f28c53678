// What docs/api/conventions.md promises of every route, held against every route: repeating, and limits.
#include <set>

#include <gmock/gmock.h>

#include "server/problem_catalog.h"
#include "tests/server/route_walk.h"

namespace tallystick::server {
namespace {

// POSTs that make something: each takes an Idempotency-Key.
const std::set<std::string> kCreatingRoutes = {
    "POST /api/alert-channels",
    "POST /api/discrepancies/{id}/notes",
    "POST /api/keys",
    "POST /api/keys/{id}/rotate",
    "POST /api/merchants",
    "POST /api/merchants/{merchant}/exposure-units",
    "POST /api/partners",
    "POST /api/partners/{partner}/coupons",
    "POST /api/partners/{partner}/links",
    "POST /api/partners/{partner}/reconciliations",
    "POST /api/partners/{partner}/reports",
    "POST /api/partners/{partner}/reports/uploads",
    "POST /api/partners/{partner}/reports/uploads/{id}/complete",
    "POST /api/placements",
    "POST /api/principals",
    "POST /api/schedules/{name}/run",
    "POST /schedules/{name}/run",
};

// POSTs that may be sent again as they are: they bring something into a state, or make nothing.
const std::set<std::string> kRepeatableRoutes = {
    "POST /api/alert-channels/{id}/test",
    "POST /api/alerts/check",  // one waits or runs at a time
    "POST /api/alerts/{id}/acknowledge",
    "POST /api/alerts/{id}/resolve",
    "POST /api/conversions",          // the event's id is its key
    "POST /api/dead-letters/replay",  // likewise
    "POST /api/jobs/{id}/cancel",
    "POST /api/jobs/{id}/retry",
    "POST /api/links/sign",
    "POST /api/merchants/{merchant}/pause",
    "POST /api/merchants/{merchant}/resume",
    "POST /api/partners/{partner}/links/{link}/pause",
    "POST /api/partners/{partner}/links/{link}/resume",
    "POST /api/partners/{partner}/pause",
    "POST /api/partners/{partner}/resume",
    "POST /api/placements/{placement}/pause",
    "POST /api/placements/{placement}/resume",
    "POST /api/principals/{id}/disable",
    "POST /api/principals/{id}/enable",
    "POST /api/warehouse/rebuild",
    "POST /jobs/{id}/cancel",
    "POST /jobs/{id}/retry",
};

class RouteConventions : public RouteWalk {};

TEST_F(RouteConventions, EveryPostIsEitherRepeatableOrTakesAnIdempotencyKey) {
  start();
  std::set<std::string> posts;
  for (const auto& route : routes()) {
    if (route->method == http::Method::kPost && !is_public(*route)) {
      posts.insert(name_of(*route));
      EXPECT_NE(kCreatingRoutes.contains(name_of(*route)), kRepeatableRoutes.contains(name_of(*route)))
          << name_of(*route) << " stands in neither list or in both";
    }
  }
  std::set<std::string> listed = kCreatingRoutes;
  listed.insert(kRepeatableRoutes.begin(), kRepeatableRoutes.end());
  EXPECT_EQ(posts, listed) << "a route of the lists is gone";
}

// Whatever the first answer was, here a refusal: it comes again, and another body under the same key is refused.
TEST_F(RouteConventions, CreatingRoutesAnswerTheSameAgainAndRefuseAnotherBody) {
  start();
  for (const auto& route : routes()) {
    if (route->method != http::Method::kPost || !kCreatingRoutes.contains(name_of(*route))) {
      continue;
    }
    const std::string key = "Idempotency-Key: \"" + std::to_string(route->pattern.size()) + route->scope + "\"\r\n";
    const auto post = [&](std::string_view body) {
      return ask("POST", path_of(*route), admin(), body, key);
    };
    const support::RawAnswer first = post(R"({"colour":"red"})");
    ASSERT_LT(first.status, 500) << name_of(*route) << ": " << first.body;
    EXPECT_EQ(first.header("Idempotency-Replayed"), "") << name_of(*route);
    const support::RawAnswer again = post(R"({"colour":"red"})");
    EXPECT_EQ(again.status, first.status) << name_of(*route);
    EXPECT_EQ(again.body, first.body) << name_of(*route);
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true") << name_of(*route);
    const support::RawAnswer other = post(R"({"colour":"blue"})");
    EXPECT_EQ(other.status, 422) << name_of(*route);
    EXPECT_THAT(other.body, testing::HasSubstr("idempotency_key_reused")) << name_of(*route);
  }
}

// The `type` of a problem is an address that answers.
TEST_F(RouteConventions, EveryProblemThatTheWalkMeetsHasItsPage) {
  start();
  std::set<std::string> codes;
  const auto note = [&](const support::RawAnswer& answer) {
    if (answer.header("Content-Type") == "application/problem+json") {
      codes.insert(text(boost::json::parse(answer.body), "code"));
    }
  };
  for (const auto& route : routes()) {
    for (const std::string_view value : {kSomeId, std::string_view("no-such-thing")}) {
      note(ask(*route, admin(), value));
    }
    if (!is_public(*route)) {
      note(ask(*route, ""));
    }
  }
  EXPECT_TRUE(codes.contains("key_missing"));
  for (const std::string& code : codes) {
    EXPECT_NE(find_problem(code), nullptr) << code << " has no line in problem_catalog.cpp";
  }
}

TEST_F(RouteConventions, ThingsAreMadeOnceUnderOneIdempotencyKey) {
  start();
  const std::string key = "Idempotency-Key: \"once\"\r\n";
  const std::string body = R"({"name":"Ada","kind":"person","role":"finance"})";
  const support::RawAnswer first = ask("POST", "/api/principals", admin(), body, key);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(ask("POST", "/api/principals", admin(), body, key).body, first.body);
  const auto listed = boost::json::parse(ask("GET", "/api/principals?role=finance", admin()).body);
  EXPECT_EQ(listed.at("items").as_array().size(), 1U);
}

TEST_F(RouteConventions, LimitsAreToldAndKept) {
  start({{"TALLYSTICK_ACCESS_REQUESTS_PER_MINUTE", "3"}, {"TALLYSTICK_ACCESS_PUBLIC_REQUESTS_PER_MINUTE", "4"}});
  for (const char* remaining : {"2", "1", "0"}) {
    const support::RawAnswer answer = ask("GET", "/api/principals", admin());
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("RateLimit-Policy"), "\"key\";q=3;w=60");
    EXPECT_THAT(answer.header("RateLimit"), testing::StartsWith(std::string("\"key\";r=") + remaining + ";t="));
    EXPECT_EQ(answer.header("Retry-After"), "");
  }
  const support::RawAnswer refused = ask("GET", "/api/principals", admin());
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.body, testing::HasSubstr("\"rate_limited\""));
  EXPECT_THAT(refused.header("RateLimit"), testing::StartsWith("\"key\";r=0;t="));
  EXPECT_THAT(refused.header("Retry-After"), testing::AnyOf("19", "20")) << "one comes back in twenty seconds";
  EXPECT_EQ(refused.head.find("Retry-After"), refused.head.rfind("Retry-After")) << refused.head;
  // Nobody's requests are the address's: public pages, and what is refused for want of a key.
  EXPECT_EQ(ask("GET", "/healthz", "").header("RateLimit-Policy"), "\"address\";q=4;w=60");
  EXPECT_EQ(ask("GET", "/api/principals", "").status, 401);
  EXPECT_EQ(ask("GET", "/robots.txt", "").status, 200);
  EXPECT_THAT(ask("GET", "/problems/rate_limited", "").header("RateLimit"), testing::StartsWith("\"address\";r=0;t="));
  EXPECT_EQ(ask("GET", "/healthz", "").status, 429);
  // Capturing has limits of its own.
  const support::RawAnswer captured = ask("POST", "/api/conversions", admin(), "{}");
  EXPECT_NE(captured.status, 429) << captured.body;
  EXPECT_EQ(captured.header("RateLimit"), "");
}

}  // namespace
}  // namespace tallystick::server
