// What batches leave behind in the tables.
#include "warehouse/load_writer.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "tests/warehouse/live/live_fixture.h"
#include "tests/warehouse/live/person_batches.h"

namespace tallystick::warehouse {
namespace {

class LiveLoadWriter : public Live {
 protected:
  [[nodiscard]] LoadBatch ten_impressions() const { return make_person_batch(kLog, 0, 10, now_); }
  [[nodiscard]] static LoadBatch empty_batch(std::uint64_t first) {
    LoadBatch batch;
    batch.begin_at(first);
    batch.end = first + 1;
    return batch;
  }
  [[nodiscard]] std::int64_t persons(const Layout& layout) {
    return number("SELECT countIf(user != 0 AND session != 0) FROM " + layout.table("impressions"));
  }

  static constexpr std::uint32_t kLog = 7;
  base::SystemClock clock_;
};

TEST_P(LiveLoadWriter, ForgetsAPersonBeforeTheBatchIsDone) {
  const Layout layout = make_schema();
  LoadWriter writer(client_, layout, kLog, clock_, {});
  LoadBatch impressions = ten_impressions();
  ASSERT_TRUE(writer.write(impressions));
  LoadBatch erasure = empty_batch(10);
  erasure.erased_sequences = {3, 8};
  ASSERT_TRUE(writer.write(erasure));
  EXPECT_EQ(persons(layout), 8);
  EXPECT_EQ(number("SELECT count() FROM " + layout.table("impressions")), 10);
  EXPECT_EQ(number("SELECT uniqCombined64Merge(13)(sessions) FROM " + layout.table("placement_daily")), 8);
}

// Once an engine has shown that it takes in what is shared with it, the impressions are free before they are inserted.
TEST_P(LiveLoadWriter, LetsGoOfImpressionsThatTheEngineHas) {
  const Layout layout = make_schema();
  LoadWriter writer(client_, layout, kLog, clock_, {});
  for (std::uint64_t first = 0; first < 30; first += 10) {
    LoadBatch batch = make_person_batch(kLog, first, 10, now_);
    int taken = 0;
    ASSERT_TRUE(writer.write(batch, [&] {
      batch.impressions = make_impression_block();
      ++taken;
    }));
    if (first > 0) {
      EXPECT_EQ(taken, 1);
    }
  }
  EXPECT_EQ(number("SELECT count() FROM " + layout.table("impressions")), 30);
  EXPECT_EQ(number("SELECT uniqExact(sequence) FROM " + layout.table("impressions")), 30);
}

// A table that merges all the time must not hold up events: what retention erases is left to the server.
TEST_P(LiveLoadWriter, DoesNotWaitForWhatRetentionErases) {
  const Layout layout = make_schema();
  LoadWriter writer(client_, layout, kLog, clock_, {});
  LoadBatch impressions = ten_impressions();
  ASSERT_TRUE(writer.write(impressions));
  run("SYSTEM STOP MERGES " + layout.table("impressions"));
  LoadBatch retention = empty_batch(10);
  retention.erased_below = 4;
  ASSERT_TRUE(writer.write(retention));
  EXPECT_EQ(persons(layout), 10);
  run("SYSTEM START MERGES " + layout.table("impressions"));
  for (int i = 0; i < 300 && persons(layout) > 6; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(persons(layout), 6);
  EXPECT_EQ(number("SELECT countIf(user != 0) FROM " + layout.table("impressions") + " WHERE sequence < 4"), 0);
}

TALLY_OVER_BOTH(LiveLoadWriter);

}  // namespace
}  // namespace tallystick::warehouse
