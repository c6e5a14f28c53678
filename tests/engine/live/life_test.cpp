// The engine's process: what survives its death, and who dies with whom.
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "base/log.h"
#include "engine/supervisor.h"
#include "tests/engine/live/engine_process.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

// A zombie counts as gone: only its parent's wait is missing.
bool is_gone(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t end = text.rfind(')');
  return end == std::string::npos || text.substr(end).starts_with(") Z") || text.substr(end).starts_with(") X");
}

SupervisorOptions supervisor_options(const std::filesystem::path& folder) {
  SupervisorOptions options;
  options.binary = support::tallystick_binary();
  options.directory = folder / "engine";
  options.first_delay_ms = 20;
  return options;
}

TEST(Life, DataSurvivesKillNineAndAStop) {
  const support::TemporaryDirectory folder;
  {
    EngineProcess engine(folder.path());
    engine.run("CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a");
    engine.run("INSERT INTO kept SELECT number FROM numbers(1000)");
    engine.process().signal(SIGKILL);
    EXPECT_EQ(engine.process().wait(), 128 + SIGKILL);
  }
  {
    EngineProcess engine(folder.path());  // the old socket is in its way
    EXPECT_EQ(engine.text("SELECT count(), sum(a) FROM kept"), "1000\t499500");
    engine.run("INSERT INTO kept SELECT number FROM numbers(10)");
    engine.process().signal(SIGTERM);
    EXPECT_EQ(engine.process().wait(), 0);
    EXPECT_FALSE(std::filesystem::exists(engine.socket()));
  }
  const EngineProcess engine(folder.path());
  EXPECT_EQ(engine.text("SELECT count() FROM kept"), "1010");
}

TEST(Life, TwoEnginesDoNotShareAFolder) {
  const support::TemporaryDirectory folder;
  const EngineProcess engine(folder.path());
  const support::CommandResult second = support::run_command({support::tallystick_binary(),
                                                              "engine",
                                                              "--data",
                                                              (folder.path() / "data").string(),
                                                              "--socket",
                                                              (folder.path() / "other").string()},
                                                             {});
  EXPECT_EQ(second.exit_code, 4) << second.output;
  EXPECT_NE(second.output.find("cannot open"), std::string::npos) << second.output;
  EXPECT_EQ(engine.text("SELECT 1"), "1");
}

TEST(Life, ServesOnTcpWhenAsked) {
  const support::TemporaryDirectory folder;
  EngineProcess engine(folder.path(), {"--listen=127.0.0.1:0"});
  const std::string output = engine.process().output();
  const std::size_t port = output.find("port=");
  ASSERT_NE(port, std::string::npos) << output;
  http::Client client;
  const auto response = client.send(
      {.url = "http://127.0.0.1:" + std::to_string(std::stoi(output.substr(port + 5))) + "/?query=SELECT+1"});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "1\n");
}

TEST(Life, TheSupervisorStartsADeadEngineAgain) {
  const support::TemporaryDirectory folder;
  const base::SystemClock clock;
  base::Log log({.level = base::LogLevel::kOff}, clock);
  Supervisor supervisor(supervisor_options(folder.path()), log);
  ASSERT_TRUE(eventually([&] { return supervisor.status().is_up; })) << supervisor.status().detail;
  const pid_t first = supervisor.status().pid;
  EXPECT_EQ(supervisor.status().restarts, 0U);
  EXPECT_EQ(
      send_query(supervisor.socket(), "", "CREATE TABLE kept ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a").status,
      200);
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return supervisor.status().is_up && supervisor.status().pid != first; }))
      << supervisor.status().detail;
  EXPECT_GE(supervisor.status().restarts, 1U);
  EXPECT_EQ(send_query(supervisor.socket(), "", "SELECT a FROM kept").body, "7\n");
  const pid_t second = supervisor.status().pid;
  supervisor.stop();
  EXPECT_TRUE(is_gone(second));
  EXPECT_FALSE(supervisor.status().is_up);
}

// One for two threads: what one arena has free another one touches anew. Asked of the allocator itself, which passes
// over settings that it does not know.
TEST(Life, TheAllocatorHasFewArenas) {
  for (const auto& [threads, arenas] : {std::pair(1, "opt.narenas: 1\n"), std::pair(8, "opt.narenas: 4\n")}) {
    const support::TemporaryDirectory folder;
    const base::SystemClock clock;
    base::Log log({.level = base::LogLevel::kOff}, clock);
    SupervisorOptions options = supervisor_options(folder.path());
    options.threads = threads;
    const Supervisor supervisor(options, log);
    ASSERT_TRUE(eventually([&] { return supervisor.status().is_up; })) << supervisor.status().detail;
    const std::string stats =
        send_query(supervisor.socket(), "", "SELECT * FROM system.jemalloc_stats FORMAT TSVRaw").body;
    EXPECT_NE(stats.find(arenas), std::string::npos) << stats.substr(0, 4'000);
    EXPECT_NE(stats.find("opt.percpu_arena: \"disabled\""), std::string::npos);
  }
}

TEST(Life, WithoutTheLibraryTheSupervisorSaysWhatToDo) {
  const support::TemporaryDirectory folder;
  const base::SystemClock clock;
  base::Log log({.level = base::LogLevel::kOff}, clock);
  SupervisorOptions options = supervisor_options(folder.path());
  options.library = "/nowhere/libchdb.so";
  const Supervisor supervisor(options, log);
  ASSERT_TRUE(eventually([&] { return supervisor.status().restarts >= 2; }));
  EXPECT_FALSE(supervisor.status().is_up);
  EXPECT_NE(supervisor.status().detail.find("scripts/bootstrap"), std::string::npos) << supervisor.status().detail;
}

// The server's child, found by its parent's number.
pid_t find_child(pid_t parent) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(parent) + "/task")) {
    std::ifstream file(task.path() / "children");
    if (pid_t pid = 0; file >> pid) {
      return pid;
    }
  }
  return 0;
}

TEST(Life, TheEngineDiesWithTheServerHoweverThatDies) {
  const support::TemporaryDirectory folder;
  for (const int signal : {SIGKILL, SIGTERM}) {
    support::ServerProcess server(folder.path(), {{"ENGINE_ENABLED", "true"}});
    ASSERT_TRUE(server.process().wait_for_output("engine is up", std::chrono::seconds(60)))
        << server.process().output();
    const pid_t engine = find_child(server.process().pid());
    ASSERT_GT(engine, 0);
    support::RawConnection connection(server.port());
    const auto ready = connection.exchange("GET", "/readyz");
    ASSERT_TRUE(ready);
    EXPECT_NE(ready->body.find(R"("name":"engine","state":"up")"), std::string::npos) << ready->body;
    const auto metrics = connection.exchange("GET", "/metrics");
    ASSERT_TRUE(metrics);
    EXPECT_NE(metrics->body.find("\ntallystick_engine_up 1\n"), std::string::npos);
    EXPECT_NE(metrics->body.find("\ntallystick_engine_restarts_total 0\n"), std::string::npos);
    server.process().signal(signal);
    server.process().wait();
    EXPECT_TRUE(eventually([&] { return is_gone(engine); })) << "after signal " << signal;
  }
}

}  // namespace
}  // namespace tallystick::engine
