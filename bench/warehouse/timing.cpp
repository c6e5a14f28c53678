#include "bench/warehouse/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace tallystick::bench {
namespace {

double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::min(std::max<std::size_t>(rank, 1), sorted.size()) - 1];
}

}  // namespace

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Timing measure(const TimingLimits& limits, const std::function<base::Result<void>()>& ask) {
  Timing timing;
  std::vector<double> took_s;
  const auto run = [&] {
    const double start_s = now_s();
    const auto asked = ask();
    took_s.push_back(now_s() - start_s);
    if (!asked) {
      timing.error = asked.error().code + ": " + asked.error().message;
    }
    return asked.has_value();
  };
  for (std::size_t i = 0; i < limits.warm_ups; ++i) {
    if (!run()) {
      return timing;
    }
  }
  if (took_s.empty() || took_s.back() <= limits.seconds / 2) {
    took_s.clear();
    const double start_s = now_s();
    do {
      if (!run()) {
        return timing;
      }
    } while (took_s.size() < limits.rounds && now_s() - start_s < limits.seconds);
  } else {
    took_s.erase(took_s.begin(), took_s.end() - 1);
  }
  std::sort(took_s.begin(), took_s.end());
  timing.rounds = took_s.size();
  timing.p50_ms = percentile(took_s, 0.5) * 1e3;
  timing.p95_ms = percentile(took_s, 0.95) * 1e3;
  return timing;
}

}  // namespace tallystick::bench
