#include "warehouse/catch_up.h"

#include <gtest/gtest.h>

namespace tallystick::warehouse {
namespace {

constexpr base::Timestamp kNow{1'790'000'000'000'000};
constexpr base::Timestamp kHourAgo{kNow.us - base::kMicrosPerHour};

TEST(CatchUp, BeginsMoreThanAnHourBehind) {
  CatchUp catch_up;
  EXPECT_FALSE(catch_up.is_under_way(10, 100, kHourAgo, kNow));
  EXPECT_TRUE(catch_up.is_under_way(10, 100, kHourAgo - 1, kNow));
}

TEST(CatchUp, NothingIsCaughtUpWithWhereNothingWaits) {
  CatchUp catch_up;
  EXPECT_FALSE(catch_up.is_under_way(0, 0, {}, kNow)) << "an empty log";
  EXPECT_FALSE(catch_up.is_under_way(100, 100, {}, kNow)) << "an old log without anything new";
}

TEST(CatchUp, GoesOnUntilAllIsThereThatTheLogHad) {
  CatchUp catch_up;
  ASSERT_TRUE(catch_up.is_under_way(0, 100, {}, kNow));
  EXPECT_TRUE(catch_up.is_under_way(99, 120, kNow, kNow)) << "the last one is of this minute";
  EXPECT_FALSE(catch_up.is_under_way(100, 120, kNow, kNow)) << "what came since is no more than a minute old";
}

TEST(CatchUp, BeginsAgainWhenTheLogHasGrownByHoursMeanwhile) {
  CatchUp catch_up;
  ASSERT_TRUE(catch_up.is_under_way(0, 100, {}, kNow));
  EXPECT_TRUE(catch_up.is_under_way(100, 200, kHourAgo - 1, kNow));
  EXPECT_TRUE(catch_up.is_under_way(199, 200, kNow, kNow));
  EXPECT_FALSE(catch_up.is_under_way(200, 200, kNow, kNow));
}

}  // namespace
}  // namespace tallystick::warehouse
