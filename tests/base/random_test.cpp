#include "base/random.h"

#include <array>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::base {
namespace {

TEST(Random, ASeedRepeatsItself) {
  SeededRandom a(7);
  SeededRandom b(7);
  SeededRandom c(8);
  const std::uint64_t first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, c.next_u64());
  EXPECT_NE(first, a.next_u64());
}

TEST(Random, TheSystemFillsAnyLengthAndRepeatsNothing) {
  SystemRandom random;
  for (const std::size_t size : {0U, 1U, 4'095U, 4'096U, 4'097U, 100'000U}) {
    std::vector<std::uint8_t> bytes(size, 0);
    random.fill(bytes);
    std::array<std::size_t, 256> counts{};
    for (const std::uint8_t byte : bytes) {
      ++counts[byte];
    }
    if (size >= 4'095) {
      for (const std::size_t count : counts) {
        EXPECT_LT(count, size / 256 * 3 + 30);  // far beyond any chance
      }
    }
  }
}

TEST(Random, ThreadsDrawDifferentNumbers) {
  SystemRandom random;
  std::array<std::vector<std::uint64_t>, 4> drawn;
  std::vector<std::thread> threads;
  for (auto& mine : drawn) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) {
        mine.push_back(random.next_u64());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::set<std::uint64_t> all;
  for (const auto& mine : drawn) {
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 8'000U);
}

}  // namespace
}  // namespace tallystick::base
