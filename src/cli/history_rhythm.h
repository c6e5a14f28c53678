#pragma once
// When people visit: more in the evening than at night, fewer on weekends. Pure; immutable after construction.

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace tallystick::cli {

class HistoryRhythm {
 public:
  // Spreads `events` over a period that is longer than nothing.
  HistoryRhythm(base::Timestamp from, base::Timestamp until, std::uint64_t events);

  // When the event of this number (from 0) is due: never before `from`, before `until`, never earlier than the event
  // before it.
  [[nodiscard]] base::Timestamp time_of(std::uint64_t number) const;

  // How busy the hour that begins at `hour` is (UTC); 100 is usual.
  [[nodiscard]] static std::uint64_t weight_at(base::Timestamp hour);

 private:
  base::Timestamp from_;
  base::Timestamp until_;
  std::uint64_t events_;
  std::vector<std::uint64_t> done_;  // weight x length of all pieces of the period before this one; pieces end on hours
  std::vector<std::int64_t> begin_us_;
};

}  // namespace tallystick::cli
