#pragma once
// What a batch adds to the aggregates (schema/0002_aggregates.sql), as rows on their way there. Pure.

#include <cstdint>
#include <string_view>

#include "journal/event.h"
#include "warehouse/block.h"
#include "warehouse/unique_sketch.h"

namespace tallystick::warehouse {

// Of impressions of one key; negative: taken back by revisions.
struct ExposureFigures {
  std::int64_t impressions = 0;
  std::int64_t measurable = 0;
  std::int64_t viewable = 0;
  std::int64_t rank_sum = 0;
  std::int64_t rank_count = 0;

  friend bool operator==(const ExposureFigures&, const ExposureFigures&) = default;

  void add(const ExposureFigures& other) {
    impressions += other.impressions;
    measurable += other.measurable;
    viewable += other.viewable;
    rank_sum += other.rank_sum;
    rank_count += other.rank_count;
  }
  // So many impressions in that state and place.
  void add(std::int64_t count, journal::ImpressionState state, std::int32_t rank_position) {
    impressions += count;
    measurable += state >= journal::ImpressionState::kMeasurable ? count : 0;
    viewable += state == journal::ImpressionState::kViewable ? count : 0;
    rank_sum += rank_position >= 0 ? count * rank_position : 0;
    rank_count += rank_position >= 0 ? count : 0;
  }
};

struct ClickFigures {
  std::int64_t clicks = 0;
  std::int64_t forwarded = 0;
  std::int64_t failed = 0;
};

struct ExposureHourKey {
  std::uint32_t hour = 0;  // its first second since 1970-01-01T00:00:00Z
  StoredUuid placement_id;
  StoredUuid merchant_id;
  StoredUuid partner_id;
  journal::VerdictClass verdict_class = {};

  friend bool operator==(const ExposureHourKey&, const ExposureHourKey&) = default;
};

struct PlacementHourKey {
  std::uint32_t hour = 0;
  StoredUuid placement_id;
  StoredUuid partner_id;
  journal::VerdictClass verdict_class = {};

  friend bool operator==(const PlacementHourKey&, const PlacementHourKey&) = default;
};

struct ExposureDayKey {
  std::uint16_t day = 0;  // since 1970-01-01
  StoredUuid placement_id;
  StoredUuid merchant_id;

  friend bool operator==(const ExposureDayKey&, const ExposureDayKey&) = default;
};

struct PlacementDayKey {
  std::uint16_t day = 0;
  StoredUuid placement_id;

  friend bool operator==(const PlacementDayKey&, const PlacementDayKey&) = default;
};

struct PlacementWeekKey {
  std::uint16_t monday = 0;  // since 1970-01-01
  StoredUuid placement_id;

  friend bool operator==(const PlacementWeekKey&, const PlacementWeekKey&) = default;
};

// The Monday of a day's week, or the first day of all, a Thursday: as ClickHouse's toMonday.
[[nodiscard]] constexpr std::uint16_t monday_of(std::uint16_t day) {
  return day < 4 ? std::uint16_t{0} : static_cast<std::uint16_t>(day - (day + 3) % 7);
}

struct ClickHourKey {
  std::uint32_t hour = 0;
  StoredUuid partner_id;
  StoredUuid link_id;
  StoredUuid placement_id;
  StoredUuid merchant_id;
  journal::VerdictClass verdict_class = {};

  friend bool operator==(const ClickHourKey&, const ClickHourKey&) = default;
};

// As precise as the tables' columns.
inline constexpr unsigned kUserPrecision = 14;
inline constexpr unsigned kSessionPrecision = 13;

enum class Basis : std::uint8_t { kNet = 1, kGross = 2 };

[[nodiscard]] inline bool is_net(journal::VerdictClass verdict_class) {
  return verdict_class <= journal::VerdictClass::kSuspect;
}

// Of a day, or of a week, where they are added up over days.
struct PlacementFigures {
  std::int64_t impressions = 0;
  std::uint16_t slots_max = 0;
  UniqueSketch users{kUserPrecision};
  UniqueSketch sessions{kSessionPrecision};
  UniqueSketch session_merchants{kSessionPrecision};
};

[[nodiscard]] Block make_exposure_hourly_block();
[[nodiscard]] Block make_placement_hourly_block();
[[nodiscard]] Block make_exposure_daily_block();
[[nodiscard]] Block make_exposure_users_daily_block();
[[nodiscard]] Block make_placement_daily_block();
[[nodiscard]] Block make_placement_weekly_block();
[[nodiscard]] Block make_click_hourly_block();

void append_exposure_hour(Block& block,
                          std::uint32_t log_id,
                          const ExposureHourKey& key,
                          const ExposureFigures& figures);
void append_placement_hour(Block& block,
                           std::uint32_t log_id,
                           const PlacementHourKey& key,
                           const ExposureFigures& figures);
void append_exposure_day(Block& block,
                         std::uint32_t log_id,
                         const ExposureDayKey& key,
                         journal::VerdictClass verdict_class,
                         const ExposureFigures& figures);
void append_exposure_users(
    Block& block, std::uint32_t log_id, const ExposureDayKey& key, Basis basis, UniqueSketch& users);
void append_placement_day(
    Block& block, std::uint32_t log_id, const PlacementDayKey& key, Basis basis, PlacementFigures& figures);
void append_placement_week(
    Block& block, std::uint32_t log_id, const PlacementWeekKey& key, Basis basis, PlacementFigures& figures);
void append_click_hour(Block& block, std::uint32_t log_id, const ClickHourKey& key, const ClickFigures& figures);

// What a session is counted under, here and in SQL: a session counts once a day, so that the days of a week merge. Each
// part is mixed as ClickHouse's intHash64 does; a merchant beside it is the second half of its UUID, which has most of
// what is random.
inline constexpr std::string_view kDaySessionSql =
    "bitXor(intHash64(session), intHash64(toUInt64(toDate(occurred_at, 'UTC'))))";
inline constexpr std::string_view kDaySessionMerchantSql =
    "bitXor(bitXor(intHash64(session), intHash64(toUInt64(toDate(occurred_at, 'UTC')))), "
    "toUInt64(bitShiftRight(reinterpretAsUInt128(merchant_id), 64)))";
[[nodiscard]] inline std::uint64_t mix_part(std::uint64_t part) {
  constexpr std::uint64_t kIntHash64 = 0x4CF2D2BAAE6DA887ULL;
  return mix_whole_number(part ^ kIntHash64);
}

}  // namespace tallystick::warehouse
