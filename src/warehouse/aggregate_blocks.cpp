#include "warehouse/aggregate_blocks.h"

#include <array>

namespace tallystick::warehouse {
namespace {

constexpr auto kExposureHourlyColumns = std::to_array<BlockColumn>({
    {"log_id", ColumnType::kUInt32},
    {"hour", ColumnType::kDateTime},
    {"placement_id", ColumnType::kUuid},
    {"merchant_id", ColumnType::kUuid},
    {"partner_id", ColumnType::kUuid},
    {"verdict_class", ColumnType::kEnum8},
    {"impressions", ColumnType::kInt64},
    {"measurable", ColumnType::kInt64},
    {"viewable", ColumnType::kInt64},
    {"rank_sum", ColumnType::kInt64},
    {"rank_count", ColumnType::kInt64},
});

constexpr auto kPlacementHourlyColumns = std::to_array<BlockColumn>({
    {"log_id", ColumnType::kUInt32},
    {"hour", ColumnType::kDateTime},
    {"placement_id", ColumnType::kUuid},
    {"partner_id", ColumnType::kUuid},
    {"verdict_class", ColumnType::kEnum8},
    {"impressions", ColumnType::kInt64},
    {"measurable", ColumnType::kInt64},
    {"viewable", ColumnType::kInt64},
});

constexpr auto kExposureDailyColumns = std::to_array<BlockColumn>({
    {"log_id", ColumnType::kUInt32},
    {"day", ColumnType::kDate},
    {"placement_id", ColumnType::kUuid},
    {"merchant_id", ColumnType::kUuid},
    {"verdict_class", ColumnType::kEnum8},
    {"impressions", ColumnType::kInt64},
    {"rank_sum", ColumnType::kInt64},
    {"rank_count", ColumnType::kInt64},
});

constexpr auto kExposureUsersDailyColumns = std::to_array<BlockColumn>({
    {"log_id", ColumnType::kUInt32},
    {"day", ColumnType::kDate},
    {"placement_id", ColumnType::kUuid},
    {"merchant_id", ColumnType::kUuid},
    {"basis", ColumnType::kEnum8},
    {"users", ColumnType::kSketch14},
});

constexpr auto kPlacementDailyColumns = std::to_array<BlockColumn>({
    {"log_id", ColumnType::kUInt32},
    {"day", ColumnType::kDate},
    {"placement_id", ColumnType::kUuid},
    {"basis", ColumnType::kEnum8},
    {"impressions", ColumnType::kInt64},
    {"slots_max", ColumnType::kUInt16},
    {"users", ColumnType::kSketch14},
    {"sessions", ColumnType::kSketch13},
    {"session_merchants", ColumnType::kSketch13},
});

constexpr auto kPlacementWeeklyColumns = std::to_array<BlockColumn>({
    {"log_id", ColumnType::kUInt32},
    {"week", ColumnType::kDate},
    {"placement_id", ColumnType::kUuid},
    {"basis", ColumnType::kEnum8},
    {"slots_max", ColumnType::kUInt16},
    {"users", ColumnType::kSketch14},
    {"sessions", ColumnType::kSketch13},
    {"session_merchants", ColumnType::kSketch13},
});

constexpr auto kClickHourlyColumns = std::to_array<BlockColumn>({
    {"log_id", ColumnType::kUInt32},
    {"hour", ColumnType::kDateTime},
    {"partner_id", ColumnType::kUuid},
    {"link_id", ColumnType::kUuid},
    {"placement_id", ColumnType::kUuid},
    {"merchant_id", ColumnType::kUuid},
    {"verdict_class", ColumnType::kEnum8},
    {"clicks", ColumnType::kInt64},
    {"forwarded", ColumnType::kInt64},
    {"failed", ColumnType::kInt64},
});

std::int8_t class_number(journal::VerdictClass verdict_class) {
  return static_cast<std::int8_t>(verdict_class);
}

}  // namespace

Block make_exposure_hourly_block() {
  return Block(kExposureHourlyColumns);
}

Block make_placement_hourly_block() {
  return Block(kPlacementHourlyColumns);
}

Block make_exposure_daily_block() {
  return Block(kExposureDailyColumns);
}

Block make_exposure_users_daily_block() {
  return Block(kExposureUsersDailyColumns);
}

Block make_placement_daily_block() {
  return Block(kPlacementDailyColumns);
}

Block make_placement_weekly_block() {
  return Block(kPlacementWeeklyColumns);
}

Block make_click_hourly_block() {
  return Block(kClickHourlyColumns);
}

void append_exposure_hour(Block& block,
                          std::uint32_t log_id,
                          const ExposureHourKey& key,
                          const ExposureFigures& figures) {
  block.row()
      .uint32(log_id)
      .second(key.hour)
      .stored_uuid(key.placement_id)
      .stored_uuid(key.merchant_id)
      .stored_uuid(key.partner_id)
      .enumerator(class_number(key.verdict_class))
      .int64(figures.impressions)
      .int64(figures.measurable)
      .int64(figures.viewable)
      .int64(figures.rank_sum)
      .int64(figures.rank_count)
      .end();
}

void append_placement_hour(Block& block,
                           std::uint32_t log_id,
                           const PlacementHourKey& key,
                           const ExposureFigures& figures) {
  block.row()
      .uint32(log_id)
      .second(key.hour)
      .stored_uuid(key.placement_id)
      .stored_uuid(key.partner_id)
      .enumerator(class_number(key.verdict_class))
      .int64(figures.impressions)
      .int64(figures.measurable)
      .int64(figures.viewable)
      .end();
}

void append_exposure_day(Block& block,
                         std::uint32_t log_id,
                         const ExposureDayKey& key,
                         journal::VerdictClass verdict_class,
                         const ExposureFigures& figures) {
  block.row()
      .uint32(log_id)
      .day(key.day)
      .stored_uuid(key.placement_id)
      .stored_uuid(key.merchant_id)
      .enumerator(class_number(verdict_class))
      .int64(figures.impressions)
      .int64(figures.rank_sum)
      .int64(figures.rank_count)
      .end();
}

void append_exposure_users(
    Block& block, std::uint32_t log_id, const ExposureDayKey& key, Basis basis, UniqueSketch& users) {
  block.row()
      .uint32(log_id)
      .day(key.day)
      .stored_uuid(key.placement_id)
      .stored_uuid(key.merchant_id)
      .enumerator(static_cast<std::int8_t>(basis))
      .sketch(users)
      .end();
}

void append_placement_day(
    Block& block, std::uint32_t log_id, const PlacementDayKey& key, Basis basis, PlacementFigures& figures) {
  block.row()
      .uint32(log_id)
      .day(key.day)
      .stored_uuid(key.placement_id)
      .enumerator(static_cast<std::int8_t>(basis))
      .int64(figures.impressions)
      .uint16(figures.slots_max)
      .sketch(figures.users)
      .sketch(figures.sessions)
      .sketch(figures.session_merchants)
      .end();
}

void append_placement_week(
    Block& block, std::uint32_t log_id, const PlacementWeekKey& key, Basis basis, PlacementFigures& figures) {
  block.row()
      .uint32(log_id)
      .day(key.monday)
      .stored_uuid(key.placement_id)
      .enumerator(static_cast<std::int8_t>(basis))
      .uint16(figures.slots_max)
      .sketch(figures.users)
      .sketch(figures.sessions)
      .sketch(figures.session_merchants)
      .end();
}

void append_click_hour(Block& block, std::uint32_t log_id, const ClickHourKey& key, const ClickFigures& figures) {
  block.row()
      .uint32(log_id)
      .second(key.hour)
      .stored_uuid(key.partner_id)
      .stored_uuid(key.link_id)
      .stored_uuid(key.placement_id)
      .stored_uuid(key.merchant_id)
      .enumerator(class_number(key.verdict_class))
      .int64(figures.clicks)
      .int64(figures.forwarded)
      .int64(figures.failed)
      .end();
}

}  // namespace tallystick::warehouse
