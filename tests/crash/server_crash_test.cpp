// kill -9 at random moments under load (spec README, invariants I1 and I2): nothing acknowledged is missing, nothing
// is counted twice, the log verifies, and every checkpoint seen before is consistent with the log afterwards.
#include <chrono>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crash/log_audit.h"
#include "tests/crash/rounds.h"
#include "tests/crash/traffic.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::crash {
namespace {

using support::ServerProcess;
using support::TemporaryDirectory;

void save_checkpoint(std::uint16_t port, const std::filesystem::path& file) {
  support::RawConnection connection(port);
  if (const auto answer = connection.exchange("GET", "/log/checkpoint"); answer && answer->status == 200) {
    std::ofstream(file, std::ios::binary) << answer->body;
  }
}

class KillTest : public testing::TestWithParam<const char*> {};

TEST_P(KillTest, NothingAcknowledgedIsLostOrCountedTwice) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  const std::map<std::string, std::string> settings = {{"JOURNAL_SYNC", GetParam()}, {"LOG_LEVEL", "warning"}};
  // kill -9 leaves the page cache alone, so what was written counts as kept with either mode.
  Ledger ledger;
  Scene scene;
  std::vector<std::filesystem::path> checkpoints;
  const unsigned all_rounds = rounds() / 2;  // half with each mode
  for (unsigned round = 0; round < all_rounds; ++round) {
    ServerProcess server(data, settings);
    if (round == 0) {
      scene = make_scene(server.port(), server.first_key());
      std::this_thread::sleep_for(std::chrono::seconds(1));  // the catalog reaches the capture path within 1 s
    }
    Traffic traffic(server.port(), scene, ledger, 4, seed + round);
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 400));
    const auto file = directory.path() / ("checkpoint-" + std::to_string(round));
    save_checkpoint(server.port(), file);
    if (std::filesystem::exists(file)) {
      checkpoints.push_back(file);
    }
    server.kill();
    traffic.stop();
    if (HasFailure()) {
      return;
    }
  }
  {
    ServerProcess server(data, settings);
    Traffic traffic(server.port(), scene, ledger, 4, seed + all_rounds);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    traffic.stop();
    EXPECT_EQ(server.stop(), 0) << server.process().output();
  }
  ASSERT_GT(ledger.acknowledged.size(), 20U * all_rounds) << "too little traffic to mean anything";
  ASSERT_FALSE(checkpoints.empty());
  expect_exactly_once(ledger, count_events(data));
  expect_verified(data);
  for (const auto& file : checkpoints) {
    expect_verified(data, {"--from", file.string()});
  }
}

INSTANTIATE_TEST_SUITE_P(SyncModes, KillTest, testing::Values("always", "interval"), [](const auto& parameter) {
  return std::string(parameter.param);
});

}  // namespace
}  // namespace tallystick::crash
