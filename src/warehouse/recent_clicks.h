#pragma once
// The dimensions of the clicks loaded last, by sequence number: nearly every forwarding names one of them. Bounded; a
// click that is no longer here is read from the journal (event_lookup.h). One thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "warehouse/event_dimensions.h"

namespace tallystick::warehouse {

class RecentClicks {
 public:
  static constexpr std::size_t kDefaultClicks = 131'072;

  // `max_clicks` must not be 0.
  explicit RecentClicks(std::size_t max_clicks = kDefaultClicks) : max_clicks_(max_clicks) {}

  // In ascending order of `sequence`. Replaces the oldest when full.
  void remember(std::uint64_t sequence, const EventDimensions& click);
  // Null when it is not among them. Valid until the next remember().
  [[nodiscard]] const EventDimensions* find(std::uint64_t sequence) const;

 private:
  struct Entry {
    std::uint64_t sequence = 0;
    EventDimensions click;
  };
  [[nodiscard]] const Entry& at(std::size_t age) const { return entries_[(oldest_ + age) % entries_.size()]; }

  std::size_t max_clicks_;
  std::size_t oldest_ = 0;
  std::vector<Entry> entries_;  // a ring once it is full
};

}  // namespace tallystick::warehouse
