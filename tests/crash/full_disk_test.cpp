// A full disk: appends fail with 503, nothing acknowledged is lost, and service resumes by itself when there is room
// (15-journal, "Append"). The program gives itself a mount namespace with a small tmpfs first.
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/crash/log_audit.h"
#include "tests/crash/traffic.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::crash {
namespace {

namespace fs = std::filesystem;

fs::path small_disk;

// Waits until `condition` holds; false after a minute.
template <typename Condition>
bool eventually(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

TEST(FullDisk, IsAnswered503LosesNothingAndServiceResumes) {
  const fs::path data = small_disk / "data";
  const fs::path filler = small_disk / "filler";
  std::ofstream(filler, std::ios::binary) << std::string(8 << 20, 'x');
  Ledger ledger;
  support::ServerProcess server(data, {{"JOURNAL_SEGMENT_BYTES", "1048576"}, {"LOG_LEVEL", "warning"}});
  const Scene scene = make_scene(server.port(), server.first_key());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  {
    Traffic traffic(server.port(), scene, ledger, 2, 11);
    ASSERT_TRUE(eventually([&] { return traffic.refused() > 20; })) << "the disk never filled up";
    traffic.stop();
  }
  const std::size_t before = ledger.acknowledged.size();
  ASSERT_GT(before, 100U);
  fs::remove(filler);
  {
    Traffic traffic(server.port(), scene, ledger, 2, 12);
    ASSERT_TRUE(eventually([&] {
      const std::lock_guard lock(ledger.mutex);
      return ledger.acknowledged.size() > before + 200;
    })) << "service did not resume";
    traffic.stop();
  }
  EXPECT_EQ(server.stop(), 0) << server.process().output();
  expect_verified(data);
  expect_exactly_once(ledger, count_events(data));
}

// True once `directory` is a tmpfs of the given size that only this process and its children see.
bool mount_small_disk(const fs::path& directory) {
  const int flags = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
  if (::unshare(flags) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=24m") != 0) {
    std::cerr << "cannot mount a tmpfs in a namespace: " << std::strerror(errno) << "\n";
    return false;
  }
  return true;
}

}  // namespace
}  // namespace tallystick::crash

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const tallystick::support::TemporaryDirectory directory;
  if (!tallystick::crash::mount_small_disk(directory.path())) {
    return 1;
  }
  tallystick::crash::small_disk = directory.path();
  const int result = RUN_ALL_TESTS();
  ::umount(directory.path().c_str());
  return result;
}
