#pragma once
// Whether the loader is far behind its log: by more than an hour, and from then on until it has all that the log had at
// that moment. What is put off meanwhile is not done just before the last batches, which would have to wait for it. One
// thread.

#include <cstdint>

#include "base/time.h"

namespace tallystick::warehouse {

class CatchUp {
 public:
  static constexpr std::int64_t kFarBehindUs = base::kMicrosPerHour;

  // Of `size` records the first `loaded` are in the warehouse; `frontier`: the latest time of receipt of these.
  [[nodiscard]] bool is_under_way(std::uint64_t loaded,
                                  std::uint64_t size,
                                  base::Timestamp frontier,
                                  base::Timestamp now) {
    if (loaded >= until_) {
      until_ = loaded < size && frontier < now - kFarBehindUs ? size : 0;
    }
    return loaded < until_;
  }

 private:
  std::uint64_t until_ = 0;  // records
};

}  // namespace tallystick::warehouse
