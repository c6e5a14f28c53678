// kill -9 of the server and of the engine at random moments while the warehouse is loaded: afterwards every figure is
// the one that a recount of the log gives, and the aggregates are those of the raw tables. And capture does not notice.
#include <array>
#include <chrono>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <regex>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include "tests/crash/log_audit.h"
#include "tests/crash/rounds.h"
#include "tests/crash/traffic.h"
#include "tests/crash/warehouse_audit.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::crash {
namespace {

using support::ServerProcess;
using support::TemporaryDirectory;

constexpr std::chrono::minutes kPatience(5);

// Of the engine that the server said it started last.
std::optional<pid_t> engine_pid(ServerProcess& server) {
  static const std::regex kUp(R"re(msg="engine is up" pid=(\d+))re");
  const std::string output = server.process().output();
  std::optional<pid_t> pid;
  for (std::sregex_iterator match(output.begin(), output.end(), kUp), end; match != end; ++match) {
    pid = std::stoi((*match)[1]);
  }
  return pid;
}

// A process that is a child of the server's still, so that no other one is hit.
bool kill_engine(ServerProcess& server) {
  const auto pid = engine_pid(server);
  return pid && ::getpgid(*pid) != -1 && ::kill(*pid, SIGKILL) == 0;
}

bool wait_for_engine(ServerProcess& server, std::optional<pid_t> other_than) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    const auto pid = engine_pid(server);
    if (pid && pid != other_than) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

bool wait_until_loaded(ServerProcess& server, const std::string& key) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    support::RawConnection connection(server.port());
    const auto answer = connection.exchange("GET", "/api/warehouse", "Authorization: Bearer " + key + "\r\n");
    if (answer && answer->status == 200) {
      const auto log = boost::json::parse(answer->body).at("logs").at(0).as_object();
      const auto* lag = log.if_contains("lag_records");
      if (lag != nullptr && lag->to_number<std::int64_t>() == 0 && log.if_contains("error") == nullptr &&
          log.at("log_size").to_number<std::int64_t>() > 0) {
        return true;
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

// In batches so small that kills fall into all of their steps.
std::map<std::string, std::string> slow_loading(std::mt19937_64& random) {
  static constexpr std::array<const char*, 3> kRows = {"1000", "4000", "30000"};
  return {{"ENGINE_ENABLED", "true"},
          {"WAREHOUSE_BATCH_ROWS", kRows[random() % kRows.size()]},
          {"WAREHOUSE_FLUSH_INTERVAL_MS", "200"}};
}

TEST(WarehouseCrash, EveryFigureIsExactAfterKillsOfServerAndEngine) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  // A past to load, and traffic on top of it.
  const auto history = support::run_command(
      {support::tallystick_binary(), "demo", "--history", "3d", "--events", "150000", "--seed", "7"},
      support::command_environment(data));
  ASSERT_EQ(history.exit_code, 0) << history.output;
  Ledger ledger;
  Scene scene;
  unsigned server_kills = 0;
  unsigned engine_kills = 0;
  WarehouseFigures loaded;
  while (server_kills + engine_kills < rounds()) {
    ServerProcess server(data, slow_loading(random));
    if (server_kills == 0) {
      scene = make_scene(server.port(), server.first_key());
      std::this_thread::sleep_for(std::chrono::seconds(1));  // the catalog reaches the capture path within 1 s
    }
    Traffic traffic(server.port(), scene, ledger, 1, seed + server_kills);
    std::optional<pid_t> last;
    for (std::uint64_t kills = server_kills == 0 ? 1 : random() % 3;
         kills > 0 && server_kills + engine_kills < rounds();
         --kills) {
      ASSERT_TRUE(wait_for_engine(server, last)) << server.process().output();
      last = engine_pid(server);
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 4'000));
      engine_kills += kill_engine(server) ? 1 : 0;
    }
    ASSERT_TRUE(wait_for_engine(server, last)) << server.process().output();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 4'000));
    server.kill();
    ++server_kills;
    traffic.stop();
  }
  {
    ServerProcess server(data, {{"ENGINE_ENABLED", "true"}});
    ASSERT_TRUE(wait_until_loaded(server, scene.admin_key)) << server.process().output();
    loaded = count_loaded(data);
    EXPECT_EQ(server.stop(), 0) << server.process().output();
  }
  EXPECT_GT(engine_kills, 0U);
  RecordProperty("engine_kills", static_cast<int>(engine_kills));
  RecordProperty("server_kills", static_cast<int>(server_kills));
  EXPECT_THAT(ledger.contradictions, testing::IsEmpty());
  expect_equal_figures(count_log(data, loaded.end), loaded.figures);
}

TEST(WarehouseCrash, CaptureDoesNotNoticeThatTheEngineDies) {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  Ledger ledger;
  WarehouseFigures loaded;
  {
    // Unthrottled: every request that gets no answer counts.
    ServerProcess server(data,
                         {{"ENGINE_ENABLED", "true"},
                          {"CAPTURE_REQUESTS_PER_CLIENT_PER_SECOND", "0"},
                          {"CAPTURE_CLICKS_PER_CLIENT_PER_SECOND", "0"}});
    const Scene scene = make_scene(server.port(), server.first_key());
    ASSERT_TRUE(wait_for_engine(server, {}));
    ASSERT_TRUE(wait_until_loaded(server, scene.admin_key));
    std::this_thread::sleep_for(std::chrono::seconds(1));  // the catalog reaches the capture path within 1 s
    Traffic traffic(server.port(), scene, ledger, 2, 1);
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      const auto last = engine_pid(server);
      ASSERT_TRUE(kill_engine(server));
      ASSERT_TRUE(wait_for_engine(server, last));
    }
    // Enough to mean something, however slow the disk is.
    const auto enough = [&] {
      const std::lock_guard lock(ledger.mutex);
      return ledger.acknowledged.size() > 100;
    };
    for (int i = 0; i < 300 && !enough(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    traffic.stop();
    EXPECT_EQ(traffic.refused(), 0U) << "requests failed while the engine was away";
    EXPECT_TRUE(ledger.unknown.empty()) << "answers were lost";
    EXPECT_GT(ledger.acknowledged.size(), 100U);
    ASSERT_TRUE(wait_until_loaded(server, scene.admin_key)) << "the lag does not recover";
    loaded = count_loaded(data);
    EXPECT_EQ(server.stop(), 0);
  }
  expect_exactly_once(ledger, count_events(data));
  expect_equal_figures(count_log(data, loaded.end), loaded.figures);
}

}  // namespace
}  // namespace tallystick::crash
