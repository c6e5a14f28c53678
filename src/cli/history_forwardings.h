#pragma once
// Clicks of a history on their way to the partner: confirmed together, a second after the first of them at the latest.
// One thread.

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "cli/history_model.h"
#include "cli/history_random.h"
#include "cli/history_tally.h"
#include "cli/history_writer.h"

namespace tallystick::cli {

class HistoryForwardings {
 public:
  // `writer` and `tally` outlive it.
  HistoryForwardings(HistoryWriter& writer, HistoryTally& tally, std::uint64_t seed);

  [[nodiscard]] base::Result<void> add(const HistoryEvent& click, std::uint64_t sequence);
  // Before an event that is received at `now`.
  [[nodiscard]] base::Result<void> write_due(base::Timestamp now);
  // What is left.
  [[nodiscard]] base::Result<void> write(base::Timestamp at);

 private:
  [[nodiscard]] base::Result<void> write(base::Timestamp at,
                                         journal::ForwardingState state,
                                         std::vector<std::uint64_t>& sequences);

  HistoryWriter& writer_;
  HistoryTally& tally_;
  HistoryRandom random_;
  base::Timestamp due_;
  std::vector<std::uint64_t> forwarded_;
  std::vector<std::uint64_t> failed_;
};

}  // namespace tallystick::cli
