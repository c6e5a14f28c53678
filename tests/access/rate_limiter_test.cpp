#include "access/rate_limiter.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/time.h"

namespace tallystick::access {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::int64_t kStartUs = 1'000'000'000;

TEST(RateLimiter, AMinutesQuotaMayComeAtOnceAndComesBackEvenly) {
  RateLimiter limiter("key", 6);  // one in ten seconds
  for (int left = 5; left >= 0; --left) {
    const RateDecision decision = limiter.take("a", kStartUs);
    EXPECT_TRUE(decision.is_allowed);
    EXPECT_EQ(decision.remaining, left);
    EXPECT_EQ(decision.full_in_s, (6 - left) * 10);
  }
  const RateDecision refused = limiter.take("a", kStartUs + base::kMicrosPerSecond);
  EXPECT_FALSE(refused.is_allowed);
  EXPECT_EQ(refused.retry_after_s, 9);
  EXPECT_EQ(refused.full_in_s, 59);
  EXPECT_TRUE(limiter.take("b", kStartUs).is_allowed) << "a caller of its own";
  EXPECT_TRUE(limiter.take("a", kStartUs + 10 * base::kMicrosPerSecond).is_allowed);
  EXPECT_FALSE(limiter.take("a", kStartUs + 10 * base::kMicrosPerSecond).is_allowed);
}

TEST(RateLimiter, HeadersAreThoseOfTheDraft) {
  RateLimiter limiter("key", 60);
  EXPECT_THAT(limiter.headers(limiter.take("a", kStartUs)),
              ElementsAre(Pair("RateLimit-Policy", "\"key\";q=60;w=60"), Pair("RateLimit", "\"key\";r=59;t=1")));
  for (int i = 0; i < 59; ++i) {
    ASSERT_TRUE(limiter.take("a", kStartUs).is_allowed);
  }
  EXPECT_THAT(limiter.headers(limiter.take("a", kStartUs)),
              ElementsAre(Pair("RateLimit-Policy", "\"key\";q=60;w=60"),
                          Pair("RateLimit", "\"key\";r=0;t=60"),
                          Pair("Retry-After", "1")));
}

TEST(RateLimiter, ZeroIsUnlimitedAndSaysNothing) {
  RateLimiter limiter("key", 0);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(limiter.take("a", kStartUs).is_allowed);
  }
  EXPECT_THAT(limiter.headers(limiter.take("a", kStartUs)), IsEmpty());
}

TEST(RateLimiter, ManyCallersNeitherFillTheMemoryNorFreeTheOnesWhoKeepAsking) {
  RateLimiter limiter("address", 1);
  ASSERT_TRUE(limiter.take("greedy", kStartUs).is_allowed);
  for (std::size_t i = 0; i < 3 * RateLimiter::kMaxBuckets; ++i) {
    static_cast<void>(limiter.take(std::to_string(i), kStartUs));
    if (i % 1000 == 0) {
      EXPECT_FALSE(limiter.take("greedy", kStartUs).is_allowed) << i;
    }
  }
}

TEST(RateLimiter, ThreadsTogetherGetTheQuotaAndNoMore) {
  RateLimiter limiter("key", 1'500);
  std::atomic<int> allowed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int request = 0; request < 1'000; ++request) {
          allowed += limiter.take("a", kStartUs).is_allowed ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(allowed, 1'500);
}

// Whatever comes when: in no stretch of time more than the quota and what came back meanwhile; and whoever waits as
// long as they were told is let in.
TEST(RateLimiter, NeverLetsMoreInThanTheBucketHoldsAndTellsWhenToComeBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& gaps) {
    const auto quota = *rc::gen::inRange<std::int64_t>(1, 200);
    const std::int64_t step_us = 60'000'000 / quota;
    RateLimiter limiter("key", quota);
    std::int64_t now_us = kStartUs;
    std::vector<std::int64_t> allowed;
    for (const std::uint32_t gap : gaps) {
      now_us += gap % 2'000'000;
      RateDecision decision = limiter.take("a", now_us);
      if (!decision.is_allowed) {
        now_us += decision.retry_after_s * base::kMicrosPerSecond;
        decision = limiter.take("a", now_us);
        RC_ASSERT(decision.is_allowed);
      }
      RC_ASSERT(decision.remaining >= 0 && decision.remaining < quota);
      allowed.push_back(now_us);
      for (std::size_t first = 0; first < allowed.size(); ++first) {
        const auto count = static_cast<std::int64_t>(allowed.size() - first);
        RC_ASSERT(count <= quota + (now_us - allowed[first]) / step_us);
      }
    }
  }));
}

}  // namespace
}  // namespace tallystick::access
