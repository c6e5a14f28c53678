// What an operator meets: bad configuration, health, metrics, pages, doctor, dead letters, keys.
#include <csignal>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/e2e/instance.h"

namespace tallystick::e2e {
namespace {

namespace json = boost::json;

TEST(Operations, ABadConfigurationIsRefusedWithEveryError) {
  const support::TemporaryDirectory folder;
  std::ofstream(folder.path() / "t.toml") << "[http]\nprot = 1\n[journal]\nsync = 'maybe'\n";
  const auto served =
      support::run_command({support::tallystick_binary(), "serve", "--config", (folder.path() / "t.toml").string()},
                           support::command_environment(folder.path() / "data"));
  EXPECT_EQ(served.exit_code, 2) << served.output;
  EXPECT_NE(served.output.find("t.toml:2"), std::string::npos) << served.output;
  EXPECT_NE(served.output.find("did you mean http.port?"), std::string::npos) << served.output;
  EXPECT_NE(served.output.find("t.toml:4"), std::string::npos) << served.output;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "data")) << "nothing was made";
}

TEST(Operations, HealthReadinessAndPagesAnswer) {
  Instance instance;
  EXPECT_EQ(instance.exchange("GET", "/healthz").status, 200);
  const support::RawAnswer ready = instance.exchange("GET", "/readyz");
  EXPECT_EQ(ready.status, 200);
  const json::value body = json::parse(ready.body);
  EXPECT_EQ(body.at("status"), "ready");
  EXPECT_EQ(body.at("checks").at(0).at("name"), "journal");
  EXPECT_FALSE(body.at("switched_off").as_array().empty()) << "no geo database is configured";
  EXPECT_NE(instance.exchange("GET", "/robots.txt").body.find("Disallow: /go/"), std::string::npos);
  EXPECT_EQ(json::parse(instance.exchange("GET", "/.well-known/gpc.json").body).at("gpc"), true);
  EXPECT_NE(instance.exchange("GET", "/").body.find("<h1>Tallystick</h1>"), std::string::npos);
  EXPECT_NE(instance.exchange("GET", "/problems/stale_event").body.find("10 minutes"), std::string::npos);
  EXPECT_EQ(instance.exchange("GET", "/problems/%3Cscript%3E").status, 404);
  EXPECT_EQ(instance.exchange("GET", "/nothing-here").status, 404);
  EXPECT_EQ(instance.exchange("DELETE", "/healthz").status, 405);
}

TEST(Operations, MetricsLintClean) {
  Instance instance;
  const support::RawAnswer metrics = instance.exchange("GET", "/metrics");
  ASSERT_EQ(metrics.status, 200);
  std::ofstream(instance.folder() / "metrics") << metrics.body;
  const auto lint =
      support::run_command({"/bin/sh", "-c", "promtool check metrics < " + (instance.folder() / "metrics").string()});
  EXPECT_EQ(lint.exit_code, 0) << lint.output;
}

TEST(Operations, AdministrationAsksForAKeyAndItsScope) {
  Instance instance;
  EXPECT_EQ(instance.exchange("GET", "/api/partners").status, 401);
  EXPECT_EQ(instance.exchange("GET", "/api/journal/statistics").status, 401);
  EXPECT_EQ(instance.exchange("GET", "/api/journal/statistics", instance.authorization()).status, 200);
  const json::value made = instance.run_json({"keys", "create", "--name", "signer", "--scope", "links:sign"});
  const std::string signer = "Authorization: Bearer " + std::string(made.at("key").as_string()) + "\r\n";
  EXPECT_TRUE(eventually([&] { return instance.exchange("GET", "/api/journal/statistics", signer).status == 403; }));
  EXPECT_EQ(instance.run({"keys", "create", "--name", "x", "--scope", "no:such"}).exit_code, 2);
}

TEST(Operations, SigningSaysEverythingThatIsWrong) {
  Instance instance;
  const support::RawAnswer answer =
      instance.exchange("POST",
                        "/api/links/sign",
                        instance.authorization(),
                        R"({"links":[{"partner":"nobody","link":"x","colour":"red"},7]})");
  EXPECT_EQ(answer.status, 422) << answer.body;
  const json::value problem = json::parse(answer.body);
  EXPECT_EQ(problem.at("code"), "validation_failed");
  EXPECT_EQ(problem.at("errors").as_array().size(), 3U) << answer.body;
}

TEST(Operations, DoctorFindsAKeyFileThatOthersCanRead) {
  Instance instance;
  const support::CommandResult good = instance.run({"doctor"});
  EXPECT_EQ(good.exit_code, 0) << good.output;
  std::filesystem::permissions(instance.data() / "keys" / "ring.json", std::filesystem::perms(0644));
  const support::CommandResult bad = instance.run({"doctor"});
  EXPECT_EQ(bad.exit_code, 1) << bad.output;
  EXPECT_NE(bad.output.find("chmod 600"), std::string::npos) << bad.output;
}

TEST(Operations, ASecondSignalStopsAtOnceAndTheNextStartIsWell) {
  Instance instance;
  instance.server().process().signal(SIGINT);
  instance.server().process().signal(SIGINT);
  const int code = instance.server().process().wait();
  EXPECT_TRUE(code == 0 || code == 128 + SIGINT) << code;
  instance.start();
  EXPECT_EQ(instance.exchange("GET", "/healthz").status, 200);
}

TEST(Operations, ASecondServerOnTheSameDataIsRefused) {
  Instance instance;
  const auto second =
      support::run_command({support::tallystick_binary(), "serve"}, support::command_environment(instance.data()));
  EXPECT_NE(second.exit_code, 0);
  EXPECT_NE(second.output.find("journal_locked"), std::string::npos) << second.output;
}

TEST(Operations, RefusedEventsAreListedAndReplayedOnceTheirMerchantExists) {
  Instance instance;
  const auto now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  ASSERT_EQ(instance
                .exchange("POST",
                          "/api/placements",
                          instance.authorization() + "Idempotency-Key: \"p\"\r\n",
                          R"({"slug":"top","name":"Top"})")
                .status,
            201);
  const std::string body =
      R"({"event_id":"01901640-0000-7000-8000-000000000001","placement_id":"bottom","session_id":"s","occurred_at":)" +
      std::to_string(now_ms) + "}";
  const support::RawAnswer refused =
      instance.exchange("POST", "/api/monetization/impression", "Content-Type: application/json\r\n", body);
  ASSERT_NE(refused.body.find("unknown_placement"), std::string::npos) << refused.body;
  ASSERT_EQ(instance
                .exchange("POST",
                          "/api/placements",
                          instance.authorization() + "Idempotency-Key: \"q\"\r\n",
                          R"({"slug":"bottom","name":"Bottom"})")
                .status,
            201);
  const auto has_listed = [&] {
    return !instance.run_json({"dead-letters", "list"}).at("items").as_array().empty();
  };
  ASSERT_TRUE(eventually(has_listed));
  // The new placement is known within a second.
  EXPECT_TRUE(eventually([&] {
    return instance.run_json({"dead-letters", "replay", "--code", "unknown_placement"}).at("accepted") == 1;
  }));
  EXPECT_TRUE(instance.run_json({"dead-letters", "list"}).at("items").as_array().empty());
}

}  // namespace
}  // namespace tallystick::e2e
