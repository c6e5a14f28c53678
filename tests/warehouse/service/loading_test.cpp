// From an HTTP request to a row: what was acknowledged is in the warehouse, every figure is the log's, an erased person
// is gone from every table, and a rebuild gives the same again.
#include <chrono>
#include <map>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "capture/identity.h"
#include "crypto/key_ring.h"
#include "tests/crash/warehouse_audit.h"
#include "tests/e2e/instance.h"

namespace tallystick::crash {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using std::chrono::steady_clock;

class Loading : public testing::Test {
 protected:
  Loading() : instance_(std::map<std::string, std::string>{{"ENGINE_ENABLED", "true"}}) {}

  json::object status() { return instance_.run_json({"warehouse", "status"}).as_object(); }

  // Everything durable is loaded; false after `limit`.
  bool wait_until_level(seconds limit) {
    const auto until = steady_clock::now() + limit;
    while (steady_clock::now() < until) {
      const json::object log = status().at("logs").at(0).as_object();
      if (!log.contains("error") && log.at("lag_records").to_number<std::int64_t>() == 0) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  // Traffic of every kind through HTTP.
  void send_traffic() {
    ASSERT_TRUE(wait_until_level(seconds(120))) << "the engine does not start";
    const auto demo = instance_.run({"demo", "--seconds", "8", "--rate", "700"});
    ASSERT_EQ(demo.exit_code, 0) << demo.output;
  }

  e2e::Instance instance_;
};

TEST_F(Loading, WhatCameThroughHttpIsCountedWithinSecondsAndExactly) {
  send_traffic();
  // 5 s are promised; a machine that runs everything at once gets more.
  EXPECT_TRUE(wait_until_level(seconds(30)));
  const WarehouseFigures loaded = count_loaded(instance_.data());
  EXPECT_EQ(instance_.stop(), 0);
  const Figures log = count_log(instance_.data(), loaded.end);
  EXPECT_GT(log.at("users"), 10);
  EXPECT_GT(log.at("slots"), 100);
  expect_equal_figures(log, loaded.figures);
}

TEST_F(Loading, ARebuildGivesTheSameCounts) {
  send_traffic();
  ASSERT_TRUE(wait_until_level(seconds(30)));
  const WarehouseFigures before = count_loaded(instance_.data());
  const json::object rebuild = instance_.run_json({"warehouse", "rebuild"}).as_object();
  EXPECT_EQ(rebuild.at("state"), "done") << json::serialize(rebuild);
  EXPECT_EQ(rebuild.at("generation"), 2);
  EXPECT_GT(rebuild.at("counts").as_array().size(), 5U);
  for (const json::value& count : rebuild.at("counts").as_array()) {
    EXPECT_EQ(count.at("rebuilt"), count.at("journal")) << count.at("name");
    EXPECT_EQ(count.at("rebuilt"), count.at("before")) << count.at("name");
  }
  ASSERT_TRUE(wait_until_level(seconds(30)));
  const WarehouseFigures after = count_loaded(instance_.data());
  EXPECT_EQ(status().at("database"), "tallystick_2");
  EXPECT_EQ(instance_.stop(), 0);
  expect_equal_figures(count_log(instance_.data(), before.end), before.figures);
  expect_equal_figures(count_log(instance_.data(), after.end), after.figures);
}

// The pseudonym as the tables hold it.
std::uint64_t pseudonym_of(const std::filesystem::path& data, const std::string& user_id) {
  const base::SystemClock clock;
  base::SystemRandom random;
  const auto ring = crypto::KeyRing::open(data / "keys" / "ring.json", clock, random).value();
  const auto digest = capture::hash_user(*ring->signer(crypto::KeyPurpose::kPepper).key, user_id).value();
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    value = value << 8 | digest[i];
  }
  return value;
}

TEST_F(Loading, AnErasedPersonIsInNoTableAnyMore) {
  ASSERT_TRUE(wait_until_level(seconds(120)));
  const std::string user = "0190163d-8694-739b-aea5-966c26f8ad90";
  const std::string other = "0190163d-8694-739b-aea5-966c26f8ad91";
  const auto create = [&](const std::string& path, const std::string& body) {
    const auto answer = instance_.exchange("POST", path, instance_.authorization(), body);
    ASSERT_EQ(answer.status, 201) << answer.body;
  };
  create("/api/placements", R"({"slug":"home","name":"Home","max_slots":3})");
  std::this_thread::sleep_for(seconds(1));  // the catalog reaches the capture path within 1 s
  const std::string now = base::format_rfc3339(base::SystemClock().now());
  for (const std::string& who : {user, other}) {
    for (int i = 0; i < 3; ++i) {
      base::SystemRandom random;
      const auto answer = instance_.exchange(
          "POST",
          "/api/monetization/impression",
          "Content-Type: application/json\r\n",
          fmt::format(
              R"({{"event_id":"{}","placement_id":"home","occurred_at":"{}","user_id":"{}","session_id":"s-{}",)"
              R"("consent":{{"analytics":true}}}})",
              base::format_uuid(base::make_uuid_v4(random)),
              now,
              who,
              who));
      ASSERT_EQ(answer.status, 202) << answer.body;
    }
  }
  ASSERT_TRUE(wait_until_level(seconds(30)));
  const WarehouseFigures before = count_loaded(instance_.data());
  EXPECT_EQ(before.figures.at("rows with user"), 6);
  EXPECT_EQ(before.figures.at("users"), 2);

  const auto erased = instance_.run({"privacy", "erase", "--user", user});
  ASSERT_EQ(erased.exit_code, 0) << erased.output;
  ASSERT_TRUE(wait_until_level(seconds(60)));
  // Sketches are those of the raw tables, too.
  const WarehouseFigures after = count_loaded(instance_.data());
  EXPECT_EQ(after.figures.at("rows with user"), 3);
  EXPECT_EQ(after.figures.at("users"), 1);
  warehouse::Client client(endpoint_of(instance_.data()));
  const std::string database = current_database(client);
  const std::uint64_t gone = pseudonym_of(instance_.data(), user);
  for (const char* table : {"impressions", "clicks", "conversions"}) {
    EXPECT_EQ(ask(client, fmt::format("SELECT count() AS value FROM {}.{} WHERE user = {}", database, table, gone)),
              "0");
  }
  EXPECT_EQ(ask(client,
                fmt::format("SELECT count() AS value FROM {}.impressions WHERE user = {}",
                            database,
                            pseudonym_of(instance_.data(), other))),
            "3");
  EXPECT_EQ(ask(client, "SELECT count() AS value FROM " + database + ".impressions WHERE session != 0"), "3");
  for (const char* aggregate : {".placement_daily", ".placement_weekly"}) {
    EXPECT_EQ(ask(client, "SELECT uniqCombined64Merge(13)(sessions) AS value FROM " + database + aggregate), "1");
  }
  EXPECT_EQ(instance_.stop(), 0);
}

}  // namespace
}  // namespace tallystick::crash
