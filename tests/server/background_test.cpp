#include "server/background.h"

#include <latch>
#include <string>

#include <gtest/gtest.h>

namespace tallystick::server {
namespace {

TEST(Background, GoesOnAfterATaskFailed) {
  const base::SystemClock clock;
  std::mutex mutex;
  std::string logged;
  base::LogOptions options;
  options.capture = [&](std::string_view line) {
    const std::lock_guard lock(mutex);
    logged += line;
  };
  base::Log log(options, clock);
  std::latch turns(3);
  {
    Background background(log);
    int turn = 0;
    background.every("test-task", 1'000, [&]() -> base::Result<void> {
      if (++turn <= 3) {
        turns.count_down();
      }
      if (turn == 1) {
        return base::fail(base::ErrorKind::kUnavailable, "database_busy", "later");
      }
      if (turn == 2) {
        throw std::runtime_error("broken");
      }
      return {};
    });
    turns.wait();
  }
  EXPECT_NE(logged.find("task=test-task code=database_busy detail=later"), std::string::npos) << logged;
  EXPECT_NE(logged.find("code=exception detail=broken"), std::string::npos) << logged;
}

TEST(Background, StopEndsWhatIsAskedToEnd) {
  const base::SystemClock clock;
  base::Log log({.level = base::LogLevel::kOff}, clock);
  Background background(log);
  std::latch started(1);
  bool has_ended = false;
  background.run("follower", [&](const std::stop_token& token) -> base::Result<void> {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    started.count_down();
    wake.wait(lock, token, [] { return false; });
    has_ended = true;
    return {};
  });
  background.every("hourly", 3'600'000'000, []() -> base::Result<void> { return {}; });
  started.wait();
  background.stop();
  EXPECT_TRUE(has_ended);
}

}  // namespace
}  // namespace tallystick::server
