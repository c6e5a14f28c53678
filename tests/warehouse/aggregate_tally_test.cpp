#include "warehouse/aggregate_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/warehouse/native_table.h"

namespace tallystick::warehouse {
namespace {

using testing::ElementsAre;

constexpr std::uint32_t kLog = 7;
constexpr base::Timestamp kTen{1'790'000'000'000'000 / base::kMicrosPerHour * base::kMicrosPerHour};

base::Uuid same_bytes(std::uint8_t number) {
  base::Uuid id;
  id.bytes.fill(number);
  return id;
}

void show(Block& block, base::Timestamp at, std::uint8_t placement, std::uint8_t merchant) {
  journal::Impression event;
  event.occurred_at = at;
  event.placement_id = same_bytes(placement);
  event.merchant_id = same_bytes(merchant);
  append_impression(block, {.log_id = kLog, .sequence = 1, .event_id = {}, .received_at = at}, event, {});
}

// In the order of their table: hour, placement, merchant; whatever order the impressions had.
TEST(AggregateTally, HoursLeaveInTheOrderOfTheirTable) {
  Block impressions = make_impression_block();
  show(impressions, kTen + base::kMicrosPerHour, 1, 1);
  show(impressions, kTen, 2, 1);
  show(impressions, kTen, 1, 2);
  show(impressions, kTen, 1, 1);
  show(impressions, kTen + 5, 1, 1);
  AggregateTally tally(kLog);
  tally.add_impressions(impressions);
  tally.finish();
  const NativeTable table(tally.exposure_hourly());
  const std::string hour = std::to_string(kTen.us / base::kMicrosPerSecond);
  EXPECT_THAT(table.column("hour"),
              ElementsAre(hour, hour, hour, std::to_string(kTen.us / base::kMicrosPerSecond + 3'600)));
  EXPECT_THAT(table.column("merchant_id"),
              ElementsAre(base::format_uuid(same_bytes(1)),
                          base::format_uuid(same_bytes(2)),
                          base::format_uuid(same_bytes(1)),
                          base::format_uuid(same_bytes(1))));
  EXPECT_THAT(table.column("impressions"), ElementsAre("2", "1", "1", "1"));
}

// One without a rank leaves the class and one in the first place comes: the same number and sum of ranks, one rank
// more.
TEST(AggregateTally, RevisionsThatOnlyChangeHowManyHaveARankAreKept) {
  AggregateTally tally(kLog);
  RevisionRow row;
  row.event_kind = journal::RecordKind::kImpression;
  row.event = {.occurred_at = kTen, .placement_id = same_bytes(1), .merchant_id = same_bytes(1), .rank_position = -1};
  row.verdict.klass = journal::VerdictClass::kSivt;
  tally.add_revision(row, journal::VerdictClass::kValid);
  row.event.rank_position = 0;
  row.verdict.klass = journal::VerdictClass::kValid;
  tally.add_revision(row, journal::VerdictClass::kSivt);
  tally.finish();
  const NativeTable days(tally.exposure_daily());
  EXPECT_THAT(days.column("verdict_class"), ElementsAre("0", "3"));
  EXPECT_THAT(days.column("impressions"), ElementsAre("0", "0"));
  EXPECT_THAT(days.column("rank_count"), ElementsAre("1", "-1"));
}

// 2026-11-15 was a Sunday.
TEST(AggregateTally, WeeksBeginOnMonday) {
  constexpr std::uint16_t kSunday = 20'772;
  EXPECT_EQ(monday_of(kSunday), kSunday - 6);
  EXPECT_EQ(monday_of(kSunday + 1), kSunday + 1);
  EXPECT_EQ(monday_of(kSunday + 7), kSunday + 1);
  EXPECT_EQ(monday_of(4), 4) << "1970-01-05";
  EXPECT_EQ(monday_of(3), 0) << "before the first Monday";

  Block impressions = make_impression_block();
  for (const int day : {kSunday - 1, kSunday + 0, kSunday + 1}) {
    show(impressions, {day * base::kMicrosPerDay}, 1, 1);
  }
  AggregateTally tally(kLog);
  tally.add_impressions(impressions);
  tally.finish();
  const auto weeks = tally.placement_weekly().values<std::uint16_t>("week");
  ASSERT_EQ(tally.placement_weekly().rows(), 4U) << "net and gross of each";
  EXPECT_EQ(weeks[0], 20'766);
  EXPECT_EQ(weeks[1], 20'766);
  EXPECT_EQ(weeks[2], 20'773);
  EXPECT_EQ(weeks[3], 20'773);
}

TEST(AggregateTally, BeginsAnewWhenCleared) {
  Block impressions = make_impression_block();
  show(impressions, kTen, 1, 1);
  AggregateTally tally(kLog);
  for (int batch = 0; batch < 2; ++batch) {
    tally.clear();
    tally.add_impressions(impressions);
    tally.finish();
    EXPECT_THAT(NativeTable(tally.exposure_hourly()).column("impressions"), ElementsAre("1"));
    EXPECT_THAT(NativeTable(tally.placement_hourly()).column("impressions"), ElementsAre("1"));
    EXPECT_THAT(NativeTable(tally.exposure_daily()).column("impressions"), ElementsAre("1"));
    EXPECT_EQ(tally.placement_daily().rows(), 2U) << "net and gross";
    EXPECT_EQ(tally.placement_weekly().rows(), 2U);
    EXPECT_TRUE(tally.exposure_users_daily().empty()) << "nobody agreed to be counted";
    EXPECT_TRUE(tally.click_hourly().empty());
  }
  tally.clear();
  tally.finish();
  EXPECT_TRUE(tally.exposure_hourly().empty());
}

}  // namespace
}  // namespace tallystick::warehouse
