#include "warehouse/slot_tracker.h"

#include <map>
#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

namespace tallystick::warehouse {
namespace {

base::Uuid slot_id(std::uint8_t number) {
  base::Uuid id;
  id.bytes[0] = 0xA0;
  id.bytes[15] = number;
  return id;
}

TEST(SlotTracker, CountsTheDistinctMerchantsOfASessionInAPlacement) {
  SlotTracker tracker;
  EXPECT_EQ(tracker.take(7, slot_id(1), slot_id(11), 100), 1);
  EXPECT_EQ(tracker.take(7, slot_id(1), slot_id(12), 100), 2);
  EXPECT_EQ(tracker.take(7, slot_id(1), slot_id(11), 100), 2) << "a merchant shown again fills no further slot";
  EXPECT_EQ(tracker.take(7, slot_id(1), slot_id(13), 100), 3);
}

TEST(SlotTracker, KeepsSessionsPlacementsAndDaysApart) {
  SlotTracker tracker;
  EXPECT_EQ(tracker.take(7, slot_id(1), slot_id(11), 100), 1);
  EXPECT_EQ(tracker.take(8, slot_id(1), slot_id(12), 100), 1);
  EXPECT_EQ(tracker.take(7, slot_id(2), slot_id(12), 100), 1);
  EXPECT_EQ(tracker.take(7, slot_id(1), slot_id(12), 101), 1);
  EXPECT_EQ(tracker.take(7, slot_id(1), slot_id(12), 100), 2);
}

TEST(SlotTracker, CountsNothingWithoutSessionOrMerchant) {
  SlotTracker tracker;
  EXPECT_EQ(tracker.take(0, slot_id(1), slot_id(11), 100), 0);
  EXPECT_EQ(tracker.take(7, slot_id(1), base::Uuid{}, 100), 0);
  EXPECT_EQ(tracker.take(7, slot_id(1), slot_id(11), 100), 1);
}

TEST(SlotTracker, ForgetsOnlySessionsThatWereNotSeenForLong) {
  SlotTracker tracker(100);
  EXPECT_EQ(tracker.take(1, slot_id(1), slot_id(1), 0), 1);
  EXPECT_EQ(tracker.take(2, slot_id(1), slot_id(1), 0), 1);
  for (std::uint64_t other = 10; other < 1010; ++other) {
    (void)tracker.take(other, slot_id(1), slot_id(1), 0);
    if (other % 50 == 0) {
      EXPECT_EQ(tracker.take(1, slot_id(1), slot_id(1), 0), 1);
    }
  }
  EXPECT_EQ(tracker.take(1, slot_id(1), slot_id(2), 0), 2) << "touched all the while";
  EXPECT_EQ(tracker.take(2, slot_id(1), slot_id(2), 0), 1) << "forgotten, so it counts anew";
}

TEST(SlotTracker, AgreesWithSetsWhileNothingIsForgotten) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  SlotTracker tracker(60'000);
  std::map<std::tuple<std::uint64_t, int, std::int64_t>, std::set<int>> expected;
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t session = 1 + random() % 3'000;
    const int placement = static_cast<int>(random() % 4);
    const std::int64_t day = static_cast<std::int64_t>(random() % 2);
    const int merchant = 1 + static_cast<int>(random() % 9);
    auto& merchants = expected[{session, placement, day}];
    merchants.insert(merchant);
    ASSERT_EQ(tracker.take(session,
                           slot_id(static_cast<std::uint8_t>(placement)),
                           slot_id(static_cast<std::uint8_t>(100 + merchant)),
                           day),
              merchants.size());
  }
}

}  // namespace
}  // namespace tallystick::warehouse
