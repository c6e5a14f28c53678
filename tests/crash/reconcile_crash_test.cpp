// kill -9 of the real server while it reconciles a partner's report: nobody ever sees a part of a run; after the
// restart the job ends with exactly one, and it says what a run says that nobody disturbed.
#include <chrono>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crash/rounds.h"
#include "tests/support/raw_http.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::crash {
namespace {

namespace json = boost::json;
using support::ServerProcess;
using support::TemporaryDirectory;

constexpr int kBatches = 20;  // of 50 conversions
constexpr int kRows = 30'000;
constexpr unsigned kKills = 8;
constexpr std::chrono::minutes kPatience(4);
constexpr const char* kDays = R"({"from":"2026-09-01","to":"2026-09-30"})";

class Caller {
 public:
  Caller(std::uint16_t port, std::string key) : port_(port), key_(std::move(key)) {}

  json::value call(std::string_view method, const std::string& path, std::string_view body = "") const {
    support::RawConnection connection(port_);
    const auto answer = connection.exchange(method, path, fmt::format("Authorization: Bearer {}\r\n", key_), body);
    if (!answer || answer->status >= 300) {
      throw std::runtime_error(
          fmt::format("{} {}: {}", method, path, answer ? answer->head + answer->body : "no answer"));
    }
    return json::parse(answer->body);
  }

  // Until it is "done", or patience ends.
  json::value await_job(const std::string& id) const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    json::value job = call("GET", "/api/jobs/" + id);
    while (job.at("state").as_string() != "done" && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      job = call("GET", "/api/jobs/" + id);
    }
    return job;
  }
  std::string reconcile() const {
    return std::string(call("POST", "/api/partners/acme/reconciliations", kDays).at("id").as_string());
  }
  // By the job that made them.
  std::map<std::string, json::array> runs_by_job() const {
    std::map<std::string, json::array> out;
    const json::value page = call("GET", "/api/reconciliations?limit=500");
    for (const json::value& run : page.at("items").as_array()) {
      out[std::string(run.at("sources").at("job").as_string())].push_back(run);
    }
    return out;
  }

 private:
  std::uint16_t port_;
  std::string key_;
};

// Of each third row there is a conversion, of each tenth of these with another amount.
void make_month(const Caller& caller) {
  const std::string partner(
      caller.call("POST", "/api/partners", R"({"slug":"acme","name":"Acme","network":"cj","currency":"USD"})")
          .at("id")
          .as_string());
  for (int batch = 0; batch < kBatches; ++batch) {
    json::array events;
    for (int i = 0; i < 50; ++i) {
      const int number = 3 * (batch * 50 + i);
      events.push_back(json::object{{"order_id", fmt::format("O-{}", number)},
                                    {"type", "sale"},
                                    {"occurred_at", fmt::format("2026-09-{:02}T10:00:00Z", number % 30 + 1)},
                                    {"click_id", fmt::format("00000000-0000-4000-8000-{:012}", number)},
                                    {"partner_id", partner},
                                    {"amount", "100.00"},
                                    {"commission", number % 10 == 0 ? "7.00" : "5.00"},
                                    {"currency", "USD"},
                                    {"status", "approved"}});
    }
    (void)caller.call("POST", "/api/conversions", json::serialize(json::object{{"events", std::move(events)}}));
  }
  std::string report = "Commission ID,Event Date,Order ID,Sale Amount (USD),Publisher Commission (USD),Status\n";
  for (int i = 0; i < kRows; ++i) {
    report += fmt::format("{},{:02}-Sep-2026 10:00:00,O-{},100.00,5.00,closed\n", i, i % 30 + 1, i);
  }
  const json::value import = caller.call("POST", "/api/partners/acme/reports?file_name=r.csv&wait=30", report);
  const std::string path = "/api/partners/acme/reports/" + std::string(import.at("id").as_string());
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (caller.call("GET", path).at("state").as_string() != "complete") {
    if (std::chrono::steady_clock::now() > end) {
      throw std::runtime_error("the report was not imported");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

TEST(ReconcileCrash, AKilledServerEndsItsReconciliationOnceAndAsIfNothingHadBeen) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::map<std::string, std::string> settings = {{"ENGINE_ENABLED", "true"},
                                                       {"LOG_LEVEL", "warning"},
                                                       {"RECONCILIATION_ON_IMPORT", "false"},
                                                       {"RECONCILIATION_WAREHOUSE_WAIT_S", "600"}};
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::string key;
  std::string wanted;
  std::size_t runs = 1;
  std::chrono::milliseconds undisturbed{};
  {
    ServerProcess server(data, settings);
    key = server.first_key();
    const Caller caller(server.port(), key);
    make_month(caller);
    (void)caller.await_job(caller.reconcile());  // the engine is up and has loaded everything then
    const auto begin = std::chrono::steady_clock::now();
    const std::string job = caller.reconcile();
    const json::value done = caller.await_job(job);
    undisturbed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    ASSERT_EQ(done.at("state").as_string(), "done") << json::serialize(done) << server.process().output();
    const auto made = caller.runs_by_job();
    ASSERT_EQ(made.at(job).size(), 1U);
    wanted = json::serialize(made.at(job).at(0).at("findings"));
    runs = made.size();
    EXPECT_EQ(server.stop(), 0);
  }
  ASSERT_THAT(wanted, testing::HasSubstr("USD"));
  for (unsigned kill = 0; kill < rounds(kKills); ++kill) {
    std::string job;
    {
      ServerProcess server(data, settings);
      const Caller caller(server.port(), key);
      job = caller.reconcile();
      // Anywhere in it: the engine takes its time to come up first.
      std::this_thread::sleep_for(
          std::chrono::milliseconds(random() % static_cast<std::uint64_t>(undisturbed.count() + 3'000)));
      server.kill();
    }
    ServerProcess server(data, settings);
    const Caller caller(server.port(), key);
    const auto seen = caller.runs_by_job();
    for (const auto& [maker, made] : seen) {
      EXPECT_EQ(json::serialize(made.at(0).at("findings")), wanted) << "a part of a run is seen";
    }
    const json::value done = caller.await_job(job);
    ASSERT_EQ(done.at("state").as_string(), "done") << json::serialize(done) << server.process().output();
    const auto made = caller.runs_by_job();
    EXPECT_EQ(made.size(), ++runs);
    ASSERT_TRUE(made.contains(job));
    ASSERT_EQ(made.at(job).size(), 1U);
    EXPECT_EQ(json::serialize(made.at(job).at(0).at("findings")), wanted);
    EXPECT_EQ(made.at(job).at(0).at("sources").at("warehouse").at("is_complete").as_bool(), true);
    EXPECT_EQ(server.stop(), 0) << server.process().output();
  }
}

}  // namespace
}  // namespace tallystick::crash
