// A torn last write and a flipped bit anywhere (15-journal, "Append" and "Proofs").
#include <cstdlib>
#include <fstream>
#include <random>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crash/traffic.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::crash {
namespace {

namespace fs = std::filesystem;
using support::run_command;
using support::ServerProcess;
using support::TemporaryDirectory;

// A data directory with some thousand events, stopped gracefully unless `is_killed`.
void fill(const fs::path& data, Ledger& ledger, bool is_killed) {
  ServerProcess server(data, {{"LOG_LEVEL", "warning"}});
  const Scene scene = make_scene(server.port(), server.first_key());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  Traffic traffic(server.port(), scene, ledger, 2, 7);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'300));  // a checkpoint at least every second
  if (is_killed) {
    server.kill();
    traffic.stop();
  } else {
    traffic.stop();
    EXPECT_EQ(server.stop(), 0) << server.process().output();
  }
  EXPECT_THAT(ledger.contradictions, testing::IsEmpty());
}

support::CommandResult verify(const fs::path& data) {
  return run_command({support::tallystick_binary(), "journal", "verify"}, support::command_environment(data));
}

fs::path last_segment(const fs::path& data) {
  fs::path last;
  for (const auto& entry : fs::directory_iterator(data / "journal" / "segments")) {
    if (entry.path().extension() == ".seg" && entry.path() > last) {
      last = entry.path();
    }
  }
  return last;
}

void flip_bit(const fs::path& file, std::uint64_t bit) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(bit / 8));
  const char byte = static_cast<char>(stream.get() ^ (1 << bit % 8));
  stream.seekp(static_cast<std::streamoff>(bit / 8));
  stream.put(byte);
}

TEST(Damage, ATornLastWriteIsCutAndServiceGoesOn) {
  const TemporaryDirectory directory;
  Ledger ledger;
  fill(directory.path(), ledger, true);
  // Half of a group that was never acknowledged: what a crash in the middle of a write leaves behind.
  const fs::path segment = last_segment(directory.path());
  std::ifstream in(segment, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  while (!bytes.empty() && bytes.back() == '\0') {
    bytes.pop_back();
  }
  std::ofstream(segment, std::ios::binary | std::ios::app) << bytes.substr(64, 500);
  {
    ServerProcess server(directory.path());
    EXPECT_EQ(server.stop(), 0) << server.process().output();
  }
  EXPECT_EQ(verify(directory.path()).exit_code, 0);
}

TEST(Damage, AFlippedBitIsFoundAndNamed) {
  const TemporaryDirectory directory;
  Ledger ledger;
  fill(directory.path(), ledger, false);
  ASSERT_EQ(verify(directory.path()).exit_code, 0);
  const fs::path segment = last_segment(directory.path());
  const std::uint64_t bits = fs::file_size(segment) * 8;
  const std::uint64_t seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 25; ++i) {
    const std::uint64_t bit = random() % bits;
    flip_bit(segment, bit);
    const auto result = verify(directory.path());
    EXPECT_EQ(result.exit_code, 3) << "seed " << seed << ", bit " << bit << "\n" << result.output;
    EXPECT_NE(result.output.find(segment.filename().string()), std::string::npos) << result.output;
    flip_bit(segment, bit);
  }
  EXPECT_EQ(verify(directory.path()).exit_code, 0);
}

TEST(Damage, AServerRefusesALogWhoseAcknowledgedPartIsDamaged) {
  const TemporaryDirectory directory;
  Ledger ledger;
  fill(directory.path(), ledger, false);
  flip_bit(last_segment(directory.path()), 8 * 700);
  const auto result =
      run_command({support::tallystick_binary(), "serve"}, support::command_environment(directory.path()));
  EXPECT_EQ(result.exit_code, 3) << result.output;
  EXPECT_NE(result.output.find(last_segment(directory.path()).filename().string()), std::string::npos) << result.output;
}

}  // namespace
}  // namespace tallystick::crash
