#pragma once
// How long a question takes: warm-up, then rounds until there are enough of them or their time is up. One thread.

#include <cstddef>
#include <functional>
#include <string>

#include "base/error.h"

namespace tallystick::bench {

struct Timing {
  std::size_t rounds = 0;
  double p50_ms = 0;
  double p95_ms = 0;
  std::string error = {};  // of the first round that failed; then the rest means nothing

  [[nodiscard]] bool is_good() const { return error.empty() && rounds > 0; }
};

struct TimingLimits {
  std::size_t warm_ups = 1;
  std::size_t rounds = 20;
  double seconds = 10;  // for all rounds together; one is always made
};

// A warm-up that takes more than half of the time counts as the only round.
[[nodiscard]] Timing measure(const TimingLimits& limits, const std::function<base::Result<void>()>& ask);

// Seconds of a steady clock.
[[nodiscard]] double now_s();

}  // namespace tallystick::bench
