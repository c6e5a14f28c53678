#pragma once
// Holds what the demo counted against what the server counted meanwhile. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/demo_tally.h"
#include "cli/metrics_text.h"

namespace tallystick::cli {

struct DemoComparison {
  std::string what;
  std::uint64_t ours = 0;
  std::uint64_t servers = 0;
  std::uint64_t tolerance = 0;  // requests without an answer may or may not have been counted

  [[nodiscard]] bool holds() const { return (ours > servers ? ours - servers : servers - ours) <= tolerance; }
};

struct DemoVerdicts {
  std::uint64_t valid = 0;
  std::uint64_t suspect = 0;
  std::uint64_t givt = 0;
  std::uint64_t sivt = 0;
  [[nodiscard]] std::uint64_t total() const { return valid + suspect + givt + sivt; }
};

// `before` and `after` are the server's metrics around the run.
[[nodiscard]] std::vector<DemoComparison> compare_counts(const DemoTally& tally,
                                                         const MetricsText& before,
                                                         const MetricsText& after);
[[nodiscard]] DemoVerdicts count_verdicts(const MetricsText& before, const MetricsText& after);

}  // namespace tallystick::cli
