#include "server/health.h"

#include <stdexcept>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace tallystick::server {
namespace {

TEST(Health, IsReadyOnlyWhileEverythingThatCaptureNeedsIsUp) {
  struct Case {
    bool is_needed_up;
    bool is_other_up;
    int status;
    const char* word;
  };
  for (const Case& c :
       {Case{true, true, 200, "ready"}, Case{true, false, 200, "degraded"}, Case{false, true, 503, "not_ready"}}) {
    Health health;
    health.add("journal", true, [&] { return HealthState{c.is_needed_up, "why"}; });
    health.add("records", false, [&] { return HealthState{c.is_other_up}; });
    const http::Response answer = health.readiness();
    EXPECT_EQ(answer.status, c.status);
    EXPECT_EQ(boost::json::parse(answer.body).at("status"), c.word);
  }
}

TEST(Health, ACheckThatThrowsIsDownAndRulesThatAreOffAreShown) {
  Health health;
  health.add("journal", true, []() -> HealthState { throw std::runtime_error("broken"); });
  health.add_switched_off([] { return std::vector<std::string>{"rule geo_mismatch: no database"}; });
  const http::Response answer = health.readiness();
  EXPECT_EQ(answer.status, 503);
  const auto body = boost::json::parse(answer.body);
  EXPECT_EQ(body.at("checks").at(0).at("state"), "down");
  EXPECT_EQ(body.at("checks").at(0).at("detail"), "broken");
  EXPECT_EQ(body.at("switched_off").at(0), "rule geo_mismatch: no database");
}

}  // namespace
}  // namespace tallystick::server
