#include "warehouse/recent_clicks.h"

namespace tallystick::warehouse {

void RecentClicks::remember(std::uint64_t sequence, const EventDimensions& click) {
  if (entries_.size() < max_clicks_) {
    entries_.push_back({sequence, click});
    return;
  }
  entries_[oldest_] = {sequence, click};
  oldest_ = (oldest_ + 1) % max_clicks_;
}

const EventDimensions* RecentClicks::find(std::uint64_t sequence) const {
  std::size_t low = 0;
  std::size_t high = entries_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (at(middle).sequence < sequence) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < entries_.size() && at(low).sequence == sequence ? &at(low).click : nullptr;
}

}  // namespace tallystick::warehouse
