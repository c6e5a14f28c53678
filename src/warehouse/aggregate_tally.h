#pragma once
// Counts what a batch adds to the aggregates: the loader has every event in its hands, in the order of the table at
// that, and counts it at half of what views of the inserted rows would cost. The same figures from the tables
// themselves are made by sql/recounts.sql (rebuild.h), which the tests hold it against. One thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "journal/event.h"
#include "warehouse/aggregate_blocks.h"
#include "warehouse/block.h"
#include "warehouse/event_columns.h"
#include "warehouse/keyed_figures.h"

namespace tallystick::warehouse {

class AggregateTally {
 public:
  explicit AggregateTally(std::uint32_t log_id) : log_id_(log_id) {}

  // Blocks of event_columns.h. In the order in which they leave: rows of one hour, merchant and placement that follow
  // each other become one row; in any other order there are more rows with the same sums.
  void add_impressions(const Block& impressions);
  void add_clicks(const Block& clicks);
  void add_forwardings(const Block& forwardings);
  // Takes the event out of its old class and adds it to the new one. Sketches take nothing back.
  void add_revision(const RevisionRow& row, journal::VerdictClass old_class);

  // After the last event. The rows stay until clear().
  void finish();
  [[nodiscard]] const Block& exposure_hourly() const { return exposure_hourly_; }
  [[nodiscard]] const Block& placement_hourly() const { return placement_hourly_; }
  [[nodiscard]] const Block& exposure_daily() const { return exposure_daily_; }
  [[nodiscard]] const Block& exposure_users_daily() const { return exposure_users_daily_; }
  [[nodiscard]] const Block& placement_daily() const { return placement_daily_; }
  [[nodiscard]] const Block& placement_weekly() const { return placement_weekly_; }
  [[nodiscard]] const Block& click_hourly() const { return click_hourly_; }
  // Keeps the memory.
  void clear();

 private:
  struct Impression;
  struct Hash {
    std::size_t operator()(const PlacementHourKey& key) const;
    std::size_t operator()(const ExposureDayKey& key) const;
    std::size_t operator()(const PlacementDayKey& key) const;
    std::size_t operator()(const PlacementWeekKey& key) const;
    std::size_t operator()(const ClickHourKey& key) const;
  };
  struct ExposureHour {
    ExposureHourKey key;
    ExposureFigures figures;
  };
  static constexpr std::size_t kClasses = 4;
  // What is gross and not net is counted apart, and put to the net when all is counted: no event is counted twice.
  struct ExposureDay {
    std::array<ExposureFigures, kClasses> counts;
    UniqueSketch net_users{kUserPrecision};
    UniqueSketch other_users{kUserPrecision};
  };
  struct PlacementDay {
    PlacementFigures net;
    PlacementFigures other;
  };
  struct PlacementWeek {
    PlacementFigures net;
    PlacementFigures gross;
  };

  void add_to_hour(const Impression& impression);
  void end_hour();
  void add_to_days(const Impression& impression);
  void append_exposure_hours();
  void append_exposure_days();
  // And what their weeks have of them.
  void append_placement_days();
  void append_placement_weeks();
  [[nodiscard]] ExposureDay& exposure_day(const ExposureDayKey& key);
  [[nodiscard]] PlacementDay& placement_day(const PlacementDayKey& key);
  [[nodiscard]] ClickFigures& click_hour(const ClickHourKey& key);

  std::uint32_t log_id_;
  std::vector<ExposureHour> exposure_hours_;
  std::size_t hour_begin_ = 0;  // in exposure_hours_: those of the present hour, placement and merchant
  std::vector<std::uint32_t> hours_in_order_;
  KeyedFigures<PlacementHourKey, ExposureFigures, Hash> placement_hours_;
  KeyedFigures<ExposureDayKey, ExposureDay, Hash> exposure_days_;
  KeyedFigures<PlacementDayKey, PlacementDay, Hash> placement_days_;
  KeyedFigures<PlacementWeekKey, PlacementWeek, Hash> placement_weeks_;
  KeyedFigures<ClickHourKey, ClickFigures, Hash> click_hours_;
  // Of the last impression; null: not looked for yet.
  ExposureDayKey last_day_;
  ExposureDay* last_exposure_ = nullptr;
  PlacementDay* last_placement_ = nullptr;
  std::uint64_t last_day_mixed_ = 0;

  Block exposure_hourly_ = make_exposure_hourly_block();
  Block placement_hourly_ = make_placement_hourly_block();
  Block exposure_daily_ = make_exposure_daily_block();
  Block exposure_users_daily_ = make_exposure_users_daily_block();
  Block placement_daily_ = make_placement_daily_block();
  Block placement_weekly_ = make_placement_weekly_block();
  Block click_hourly_ = make_click_hourly_block();
};

}  // namespace tallystick::warehouse
