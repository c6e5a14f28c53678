#pragma once
// The UTC days that a batch touches, counted from 1970-01-01: few, and mostly the same one again. One thread.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace tallystick::warehouse {

// Of times before 1970 too.
[[nodiscard]] constexpr std::int64_t day_of(base::Timestamp time) {
  return (time.us - (time.us < 0 ? base::kMicrosPerDay - 1 : 0)) / base::kMicrosPerDay;
}

class DaySet {
 public:
  void add(base::Timestamp time) {
    if (time.us >= last_begins_us_ && time.us - last_begins_us_ < base::kMicrosPerDay && !days_.empty()) {
      return;
    }
    const std::int64_t day = day_of(time);
    last_begins_us_ = day * base::kMicrosPerDay;
    const auto at = std::ranges::lower_bound(days_, day);
    if (at == days_.end() || *at != day) {
      days_.insert(at, day);
    }
  }
  void clear() { days_.clear(); }
  [[nodiscard]] const std::vector<std::int64_t>& days() const { return days_; }  // ascending

 private:
  std::vector<std::int64_t> days_;
  std::int64_t last_begins_us_ = 0;
};

}  // namespace tallystick::warehouse
