#include "warehouse/recent_clicks.h"

#include <gtest/gtest.h>

namespace tallystick::warehouse {
namespace {

EventDimensions click_at(std::int64_t us) {
  return {.occurred_at = {us}};
}

TEST(RecentClicks, FindsByTheSequenceNumber) {
  RecentClicks clicks(10);
  EXPECT_EQ(clicks.find(5), nullptr);
  clicks.remember(5, click_at(50));
  clicks.remember(9, click_at(90));
  ASSERT_NE(clicks.find(5), nullptr);
  EXPECT_EQ(clicks.find(5)->occurred_at.us, 50);
  EXPECT_EQ(clicks.find(9)->occurred_at.us, 90);
  EXPECT_EQ(clicks.find(4), nullptr);
  EXPECT_EQ(clicks.find(7), nullptr);
  EXPECT_EQ(clicks.find(10), nullptr);
}

TEST(RecentClicks, ReplacesTheOldestWhenFull) {
  RecentClicks clicks(4);
  for (std::uint64_t sequence = 0; sequence < 11; ++sequence) {
    clicks.remember(sequence * 3, click_at(static_cast<std::int64_t>(sequence)));
  }
  for (std::uint64_t sequence = 0; sequence < 11; ++sequence) {
    const EventDimensions* const found = clicks.find(sequence * 3);
    if (sequence < 7) {
      EXPECT_EQ(found, nullptr) << sequence;
    } else {
      ASSERT_NE(found, nullptr) << sequence;
      EXPECT_EQ(found->occurred_at.us, static_cast<std::int64_t>(sequence));
    }
  }
}

}  // namespace
}  // namespace tallystick::warehouse
