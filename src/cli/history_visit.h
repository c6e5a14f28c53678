#pragma once
// What happens on one visit: 3 to 12 exposures of a few placements, clicks on some of them, conversions in the days
// after. Every event of a visit has the same visitor; a click names an exposure that was shown before it, a conversion
// a click, and the states of a conversion follow each other. Pure. One thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cli/history_model.h"
#include "cli/history_people.h"
#include "cli/history_random.h"

namespace tallystick::cli {

class HistoryVisitPlanner {
 public:
  // All outlive it.
  HistoryVisitPlanner(const HistoryWorld& world, const HistorySettings& settings, const HistoryPeople& people);

  // The events of the visit with this number that begins at `start`: at least one, at most `max_events` (from 1), none
  // received before `start` or at the end of the history or after it. Valid until the next call.
  [[nodiscard]] std::span<const HistoryEvent> plan(std::uint64_t number,
                                                   base::Timestamp start,
                                                   std::uint64_t max_events);

 private:
  // Of the visit that is being planned.
  struct Visit {
    HistoryRandom random;
    HistoryPeople::Visitor who;
    journal::Verdict verdict = {};
    bool is_found_out = false;  // later, to be no person
    base::Timestamp found_out_at = {};
    std::uint64_t number = 0;
    std::uint64_t orders = 0;
  };

  void show_page(Visit& visit, std::size_t placement, base::Timestamp at, std::size_t most);
  void show_advertisement(Visit& visit, HistoryEvent event);
  void show_list(Visit& visit, const HistoryEvent& event, std::size_t items);
  void click(Visit& visit, const HistoryEvent& shown);
  void convert(Visit& visit, const HistoryEvent& clicked, base::Timestamp sold_at);
  void add_status(HistoryEvent event, journal::ConversionStatus status, base::Timestamp at);
  [[nodiscard]] HistoryEvent make_event(const Visit& visit, journal::RecordKind kind) const;
  [[nodiscard]] std::size_t pick_merchant(Visit& visit, std::size_t placement) const;
  [[nodiscard]] base::Timestamp cut(base::Timestamp time) const { return std::min(time, settings_.until - 1); }

  const HistoryWorld& world_;
  const HistorySettings& settings_;
  const HistoryPeople& people_;
  std::vector<std::uint16_t> placement_lots_;  // each as often as it weighs
  std::vector<std::uint16_t> merchant_lots_;
  std::vector<HistoryEvent> shown_;
  std::vector<HistoryEvent> later_;  // clicks and conversions
  std::vector<std::size_t> listed_;
};

}  // namespace tallystick::cli
