#include "warehouse/merge_deferral.h"

#include <gtest/gtest.h>

#include "tests/warehouse/live/live_fixture.h"
#include "warehouse/aggregate_blocks.h"
#include "warehouse/event_columns.h"

namespace tallystick::warehouse {
namespace {

class LiveMergeDeferral : public Live {
 protected:
  [[nodiscard]] std::int64_t deferring_tables(const Layout& layout) {
    return number("SELECT count() FROM system.tables WHERE database = '" + layout.database() +
                  "' AND engine_full LIKE '%min_parts_to_merge_at_once = 48%'");
  }
  void insert_parts(const Layout& layout, int parts) {
    for (int part = 0; part < parts; ++part) {
      Block block = make_impression_block();
      journal::Impression event;
      event.occurred_at = now_;
      append_impression(block, {.log_id = 1, .sequence = 1, .event_id = {}, .received_at = now_}, event, {});
      ASSERT_TRUE(client_.insert(layout.table("impressions"), block));
      Block days = make_placement_daily_block();
      PlacementFigures figures;
      append_placement_day(days, 1, {}, Basis::kNet, figures);
      ASSERT_TRUE(client_.insert(layout.table("placement_daily"), days));
    }
  }
};

TEST_P(LiveMergeDeferral, PartsAreLeftAloneWhileTheLogIsFarBehind) {
  const Layout layout = make_schema();
  MergeDeferral deferral(client_, layout);
  ASSERT_TRUE(deferral.follow(true));
  ASSERT_TRUE(deferral.follow(true));
  EXPECT_GE(deferring_tables(layout), 10) << "of events, aggregates and attribution";
  insert_parts(layout, 40);
  for (const char* table : {"impressions", "placement_daily"}) {
    EXPECT_EQ(number("SELECT count() FROM system.parts WHERE active AND database = '" + layout.database() +
                     "' AND table = '" + table + "'"),
              40)
        << table;
  }
  ASSERT_TRUE(deferral.follow(false));
  EXPECT_EQ(deferring_tables(layout), 0);
}

TEST_P(LiveMergeDeferral, TheNextProcessEndsWhatTheLastOneLeft) {
  const Layout layout = make_schema();
  ASSERT_TRUE(MergeDeferral(client_, layout).follow(true));
  ASSERT_TRUE(MergeDeferral(client_, layout).follow(false));
  EXPECT_EQ(deferring_tables(layout), 0);
}

TALLY_OVER_BOTH(LiveMergeDeferral);

}  // namespace
}  // namespace tallystick::warehouse
