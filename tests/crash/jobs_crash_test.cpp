// kill -9 in the middle of jobs: what was answered 202 is done after the restart, at once and not when a lease ends,
// and what it does is there once. The job is the watch over expiring coupons: an alert for each.
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "tests/support/raw_http.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::crash {
namespace {

namespace json = boost::json;
using support::ServerProcess;

constexpr int kRounds = 4;
constexpr int kCouponsPerRound = 75;
constexpr auto kLimit = std::chrono::seconds(30);  // well under a lease and its end

class Api {
 public:
  Api(std::uint16_t port, std::string key) : connection_(port), key_(std::move(key)) {}

  json::value call(std::string_view method, const std::string& path, const std::string& body = "") {
    const auto answer = connection_.exchange(
        method, path, "Authorization: Bearer " + key_ + "\r\nContent-Type: application/json\r\n", body);
    if (!answer || answer->status / 100 != 2) {
      throw std::runtime_error(path + " answered " + (answer ? answer->head + answer->body : "nothing"));
    }
    return json::parse(answer->body);
  }
  std::size_t count_alerts() { return call("GET", "/api/alerts?limit=500").at("items").as_array().size(); }

 private:
  support::RawConnection connection_;
  std::string key_;
};

void make_coupons(Api& api, int round) {
  const std::string partner = fmt::format("partner-{}", round);
  api.call("POST", "/api/partners", fmt::format(R"({{"slug":"{}","name":"P","currency":"EUR"}})", partner));
  const base::SystemClock clock;
  const std::string soon = base::format_rfc3339(clock.now() + base::kMicrosPerDay * (round + 1));
  for (int i = 0; i < kCouponsPerRound; ++i) {
    api.call("POST",
             "/api/partners/" + partner + "/coupons",
             fmt::format(R"({{"code":"C{}","discount_value":"50","expires_at":"{}"}})", i, soon));
  }
}

std::string queue_job(Api& api) {
  const json::value job = api.call("POST", "/api/schedules/coupon-expiry/run");
  return std::string(job.at("id").as_string());
}

// Until it has begun to raise this round's alerts, or is over: then the server dies, by luck in between.
void wait_for_alerts(Api& api, std::size_t before) {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  while (api.count_alerts() <= before) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit) << "no alert was raised";
  }
}

json::value wait_for_end(Api& api, const std::string& id) {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  while (true) {
    json::value job = api.call("GET", "/api/jobs/" + id);
    const std::string state(job.at("state").as_string());
    if ((state != "queued" && state != "running") || std::chrono::steady_clock::now() > limit) {
      return job;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TEST(JobsCrash, EveryJobEndsDoneAndWhatItDoesIsThereOnce) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const support::TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  const std::map<std::string, std::string> settings = {
      {"ACCESS_REQUESTS_PER_MINUTE", "1000000"}, {"LOG_LEVEL", "warning"}, {"WAREHOUSE_ENABLED", "false"}};
  std::string key;
  int interrupted = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::string id;
    {
      ServerProcess server(data, settings);
      key = round == 0 ? server.first_key() : key;
      Api api(server.port(), key);
      make_coupons(api, round);
      id = queue_job(api);
      // One round dies before the job can have done anything; the others in the middle of it.
      if (round > 0) {
        wait_for_alerts(api, static_cast<std::size_t>(round) * kCouponsPerRound);
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 10));
      }
      server.kill();
    }
    ServerProcess server(data, settings);
    Api api(server.port(), key);
    const json::value job = wait_for_end(api, id);
    ASSERT_EQ(job.at("state").as_string(), "done") << json::serialize(job);
    interrupted += job.at("attempts").as_int64() > 1 ? 1 : 0;
    EXPECT_EQ(job.at("result").at("alerts").as_int64(), (round + 1) * kCouponsPerRound);
    std::set<std::string> keys;
    const json::value alerts = api.call("GET", "/api/alerts?limit=500");
    for (const json::value& alert : alerts.at("items").as_array()) {
      EXPECT_TRUE(keys.insert(std::string(alert.at("key").as_string())).second) << json::serialize(alert);
    }
    EXPECT_EQ(keys.size(), static_cast<std::size_t>((round + 1) * kCouponsPerRound));
    const json::value left = api.call("GET", "/api/jobs?state=running");
    EXPECT_TRUE(left.at("items").as_array().empty()) << json::serialize(left);
    EXPECT_EQ(server.stop(), 0) << server.process().output();
  }
  EXPECT_GT(interrupted, 0) << "no job was in the middle of its work when the server died";
}

}  // namespace
}  // namespace tallystick::crash
