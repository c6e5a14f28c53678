#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "quality/agent_cache.h"
#include "quality/aging_table.h"
#include "quality/impression_memory.h"
#include "quality/judge.h"
#include "quality/rules.h"
#include "quality/window_counter.h"
#include "tests/quality/support.h"

namespace tallystick::quality {
namespace {

constexpr std::int64_t kSecond = base::kMicrosPerSecond;

TEST(AgingTable, ForgetsByAgeExactly) {
  AgingTable<int> table(KeyedHash(1), 1000, 60 * kSecond);
  table.insert({1, 1}, kStart) = 7;
  base::Timestamp at;
  ASSERT_NE(table.find({1, 1}, kStart + 60 * kSecond - 1, &at), nullptr);
  EXPECT_EQ(at, kStart);
  EXPECT_EQ(*table.find({1, 1}, kStart), 7);
  EXPECT_EQ(table.find({1, 1}, kStart + 60 * kSecond), nullptr);
  EXPECT_EQ(table.find({1, 2}, kStart), nullptr);
  EXPECT_EQ(table.evicted_count(), 0U);
}

TEST(AgingTable, AgeAloneNeverCountsAsEviction) {
  AgingTable<int> table(KeyedHash(1), 1'000'000, 100);
  for (int i = 0; i < 10'000; ++i) {
    table.insert({static_cast<std::uint64_t>(i), 0}, kStart + i * 7);
    EXPECT_LE(table.size(), 100U);
  }
  EXPECT_EQ(table.evicted_count(), 0U);
}

TEST(AgingTable, KeepsItsBoundAndTellsWhatItForgot) {
  AgingTable<int> table(KeyedHash(1), 400, base::kMicrosPerDay);
  for (int i = 0; i < 1000; ++i) {
    table.insert({static_cast<std::uint64_t>(i), 0}, kStart + i);
    ASSERT_LE(table.size(), 400U);
  }
  EXPECT_EQ(table.size(), 400U);
  EXPECT_EQ(table.evicted_count(), 600U);
  EXPECT_EQ(table.forgotten_until(), kStart + 599);
  EXPECT_EQ(table.find({599, 0}, kStart + 1000), nullptr);
  EXPECT_NE(table.find({600, 0}, kStart + 1000), nullptr);
}

TEST(AgingTable, TouchedEntriesOutliveTheOthers) {
  AgingTable<int> table(KeyedHash(1), 40, base::kMicrosPerDay);
  table.touch({99, 99}, kStart) = 5;
  for (int i = 0; i < 1000; ++i) {
    table.insert({static_cast<std::uint64_t>(i), 0}, kStart + i);
    EXPECT_EQ(table.touch({99, 99}, kStart + i), 5);
  }
}

TEST(AgingTable, AgreesWithAMap) {
  EXPECT_TRUE(rc::check("find gives what was inserted less than a lifetime ago", [] {
    AgingTable<int> table(KeyedHash(*rc::gen::arbitrary<std::uint64_t>()), 1'000'000, 1000);
    std::map<std::uint64_t, std::pair<std::int64_t, int>> model;
    base::Timestamp now = kStart;
    const auto steps = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint8_t>>>(
        rc::gen::pair(rc::gen::arbitrary<std::uint8_t>(), rc::gen::arbitrary<std::uint8_t>()));
    int value = 0;
    for (const auto& [number, pause] : steps) {
      now = now + pause;
      const auto known = model.find(number);
      const bool is_live = known != model.end() && now.us - known->second.first < 1000;
      const int* found = table.find({number, number}, now);
      RC_ASSERT((found != nullptr) == is_live);
      if (is_live) {
        RC_ASSERT(*found == known->second.second);
      } else {
        table.insert({number, number}, now) = ++value;
        model[number] = {now.us, value};
      }
    }
  }));
}

TEST(WindowCounter, CountsExactlyWithinOneWindow) {
  WindowCounter counter(1, 1000, base::kMicrosPerHour);
  for (std::uint32_t i = 1; i <= 100; ++i) {
    EXPECT_EQ(counter.count({1, 1}, kStart + i, 60 * kSecond, true), i);
  }
  EXPECT_EQ(counter.count({1, 1}, kStart + 100, 60 * kSecond, false), 100U) << "looking does not count";
  EXPECT_EQ(counter.count({2, 1}, kStart + 100, 60 * kSecond, true), 1U) << "another key";
  EXPECT_EQ(counter.count({1, 1}, kStart + 100, 30 * kSecond, true), 1U) << "another window";
}

TEST(WindowCounter, LetsGoOfWhatLeftTheWindow) {
  // kStart is a whole multiple of eight seconds: slices of one second begin with it.
  static_assert(kStart.us % (8 * kSecond) == 0);
  WindowCounter counter(1, 1000, base::kMicrosPerHour);
  for (int i = 0; i < 8; ++i) {
    (void)counter.count({1, 1}, kStart, 8 * kSecond, true);
  }
  EXPECT_EQ(counter.count({1, 1}, kStart + 7 * kSecond, 8 * kSecond, false), 8U);
  EXPECT_EQ(counter.count({1, 1}, kStart + 8 * kSecond, 8 * kSecond, false), 8U) << "the whole oldest slice";
  EXPECT_EQ(counter.count({1, 1}, kStart + 8 * kSecond + kSecond / 2, 8 * kSecond, false), 4U) << "half of it";
  EXPECT_EQ(counter.count({1, 1}, kStart + 9 * kSecond, 8 * kSecond, false), 0U);
}

TEST(WindowCounter, SurvivesAClockThatStepsBack) {
  WindowCounter counter(1, 1000, base::kMicrosPerHour);
  EXPECT_EQ(counter.count({1, 1}, kStart, 8 * kSecond, true), 1U);
  EXPECT_EQ(counter.count({1, 1}, kStart - base::kMicrosPerDay, 8 * kSecond, true), 2U);
}

TEST(WindowCounter, NeverCountsMoreThanTheWindowAndOneSliceHold) {
  EXPECT_TRUE(rc::check("estimate lies between the exact counts of one window and of nine eighths of it", [] {
    WindowCounter counter(1, 1000, base::kMicrosPerHour);
    std::vector<std::int64_t> times;
    base::Timestamp now = kStart;
    const auto pauses = *rc::gen::container<std::vector<std::uint16_t>>(rc::gen::arbitrary<std::uint16_t>());
    for (const std::uint16_t pause : pauses) {
      now = now + pause;
      times.push_back(now.us);
      const auto within = [&](std::int64_t window) {
        return static_cast<std::uint32_t>(
            std::count_if(times.begin(), times.end(), [&](std::int64_t t) { return now.us - t < window; }));
      };
      const std::uint32_t estimate = counter.count({1, 1}, now, 80'000, true);
      RC_ASSERT(estimate <= within(90'000));
      RC_ASSERT(estimate >= within(70'000));
    }
  }));
}

TEST(RecentTimes, CountsExactlyAtBothEdges) {
  RecentTimes times(1, 1000, base::kMicrosPerHour);
  EXPECT_EQ(times.count({1, 1}, kStart, 100, true), 1U);
  EXPECT_EQ(times.count({1, 1}, kStart + 99, 100, true), 2U);
  EXPECT_EQ(times.count({1, 1}, kStart + 100, 100, true), 2U) << "the first is outside now";
  for (std::uint32_t i = 0; i < 100; ++i) {
    (void)times.count({1, 1}, kStart + 100, 100, true);
  }
  EXPECT_EQ(times.count({1, 1}, kStart + 100, 100, false), kMaxSessionPartnerClicks + 1);
}

TEST(ImpressionMemory, OneOfTwoClicksGetsTheImpression) {
  ImpressionMemory memory(1, MemoryLimits{});
  const Limits limits;
  memory.see_impression(id_of(9), kStart - kSecond);
  EXPECT_FALSE(memory.see_impression(id_of(9), kStart)) << "known";
  const auto one = memory.judge_click({id_of(1), id_of(9), session_of(1), kStart, true}, limits);
  const auto two = memory.judge_click({id_of(2), id_of(9), session_of(2), kStart, true}, limits);
  EXPECT_FALSE(one.is_duplicate || one.is_too_fast);
  EXPECT_TRUE(two.is_duplicate);
}

TEST(ImpressionMemory, ClicksThatAreNotValidUseNothingUp) {
  ImpressionMemory memory(1, MemoryLimits{});
  const Limits limits;
  (void)memory.judge_click({id_of(1), id_of(9), session_of(1), kStart, false}, limits);
  EXPECT_FALSE(memory.judge_click({id_of(2), id_of(9), session_of(2), kStart, true}, limits).is_duplicate);
  memory.see_impression(id_of(10), kStart);
  EXPECT_TRUE(memory.judge_click({id_of(3), id_of(10), session_of(1), kStart + 5, true}, limits).is_too_fast);
  EXPECT_FALSE(memory.judge_click({id_of(4), id_of(10), session_of(2), kStart + kSecond, true}, limits).is_duplicate);
}

TEST(ImpressionMemory, TheWindowRunsFromTheLastClickThatWasNoDuplicate) {
  ImpressionMemory memory(1, MemoryLimits{});
  const Limits limits;
  const auto is_duplicate = [&](std::uint64_t event, std::int64_t at_s) {
    return memory.judge_click({id_of(event), id_of(9), session_of(1), kStart + at_s * kSecond, false}, limits)
        .is_duplicate;
  };
  EXPECT_FALSE(is_duplicate(1, 0));
  EXPECT_TRUE(is_duplicate(2, 30));
  EXPECT_FALSE(is_duplicate(3, 46)) << "46 s after the first, though 16 s after the second";
  EXPECT_TRUE(is_duplicate(4, 91));
}

TEST(ImpressionMemory, SaysThatItDoesNotKnowWhatItHadToForget) {
  MemoryLimits limits;
  limits.impressions = 64;  // one per shard and generation
  ImpressionMemory memory(1, limits);
  memory.watch({id_of(1), id_of(5000), 1, kStart + kSecond});
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    memory.see_impression(id_of(100'000 + i), kStart);
  }
  EXPECT_TRUE(memory.take_orphans(kStart + base::kMicrosPerHour, base::kMicrosPerMinute).empty());
  EXPECT_EQ(memory.use().undecided, 1U);
  EXPECT_GT(memory.use().impressions.evicted, 9'000U);
  EXPECT_LE(memory.use().impressions.entries, 64U);
  // A lifetime later nothing that was pushed out could still be named.
  const base::Timestamp later = kStart + limits.impression_us + kSecond;
  memory.watch({id_of(2), id_of(6000), 2, later});
  EXPECT_EQ(memory.take_orphans(later + base::kMicrosPerHour, base::kMicrosPerMinute).size(), 1U);
}

TEST(ImpressionMemory, WatchesABoundedNumberOfClicks) {
  MemoryLimits limits;
  limits.watched_clicks = 10;
  ImpressionMemory memory(1, limits);
  for (std::uint64_t i = 0; i < 12; ++i) {
    memory.watch({id_of(i + 1), id_of(100), i, kStart});
  }
  EXPECT_EQ(memory.use().watched, 10U);
  EXPECT_EQ(memory.use().watch_overflows, 2U);
}

TEST(Judge, ReportsRulesThatRanOutOfMemory) {
  RuleSetContent content;
  content.memory.impressions = 64;
  Judge judge(1);
  judge.set_rules(std::make_shared<const RuleSet>(std::move(content)));
  for (std::uint64_t i = 1; i < 1000; ++i) {
    judge.remember_impression(id_of(i), kStart);
  }
  const auto degradations = judge.degradations();
  ASSERT_EQ(degradations.size(), 1U);
  EXPECT_EQ(degradations[0].reason, journal::Reason::kTooFast);
  EXPECT_THAT(degradations[0].why, testing::HasSubstr("impressions were pushed out of memory early"));
}

TEST(AgentCache, AsksOncePerAgent) {
  AgentCache cache(1, 1000);
  int calls = 0;
  const auto make = [&](std::string_view agent) {
    ++calls;
    AgentProfile profile;
    profile.is_crawler = agent == "bot";
    return profile;
  };
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(cache.get("bot", make).is_crawler);
    EXPECT_FALSE(cache.get("browser", make).is_crawler);
  }
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(cache.hit_count(), 18U);
  EXPECT_EQ(cache.miss_count(), 2U);
  (void)cache.get("", make);
  (void)cache.get("", make);
  (void)cache.get(std::string(5000, 'a'), make);
  (void)cache.get(std::string(5000, 'a'), make);
  EXPECT_EQ(calls, 6) << "neither nothing nor monsters are kept";
}

TEST(AgentCache, StaysRightWhenMoreAgentsComeThanItHolds) {
  AgentCache cache(1, 256);
  const auto make = [](std::string_view agent) {
    AgentProfile profile;
    profile.is_crawler = agent.ends_with("7");
    return profile;
  };
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5000; ++i) {
      const std::string agent = "agent " + std::to_string(i);
      EXPECT_EQ(cache.get(agent, make).is_crawler, i % 10 == 7);
    }
  }
}

TEST(KeyedHash, DependsOnEveryByteAndOnTheKey) {
  const KeyedHash hash(1);
  for (std::size_t size = 1; size < 70; ++size) {
    std::string text(size, 'a');
    const std::uint64_t before = hash(text);
    EXPECT_NE(before, KeyedHash(2)(text));
    EXPECT_NE(before, hash(text + 'a'));
    for (std::size_t i = 0; i < size; ++i) {
      text[i] = 'b';
      EXPECT_NE(before, hash(text)) << size << " " << i;
      text[i] = 'a';
    }
  }
}

}  // namespace
}  // namespace tallystick::quality
