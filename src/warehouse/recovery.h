#pragma once
// Where loading goes on after a start or a failure, and what has to be taken back first: a batch that was begun and not
// done is in the warehouse in part, in whole or not at all, and nobody knows which. Idempotent: a crash in the middle
// of it is another reason to run it. One thread, while nothing loads that log.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"
#include "warehouse/positions.h"

namespace tallystick::warehouse {

struct RecoveryPlan {
  std::uint64_t load_from = 0;
  std::uint64_t last_version = 0;  // of the positions written so far
  bool takes_back = false;         // rows from `load_from` on, and the aggregates of `days`
  std::vector<std::uint16_t> days = {};
  base::Timestamp frontier = {};

  friend bool operator==(const RecoveryPlan&, const RecoveryPlan&) = default;
};
// Pure. `last`: the position that was written last.
[[nodiscard]] RecoveryPlan make_recovery_plan(const std::optional<Position>& last);

struct LoadStart {
  std::uint64_t first = 0;  // the record to load next
  std::uint64_t version = 0;
  base::Timestamp frontier = {};
};
// Ends what an earlier attempt left running, and takes back what is not done; also what is loaded of records at and
// after `log_size`, which a log that is not synced at once loses with its machine (journal.sync = "interval").
[[nodiscard]] base::Result<LoadStart> recover_load(
    Client& client, const Layout& layout, std::uint32_t log_id, std::uint64_t log_size, const base::Clock& clock);

// Greater than every version before, also of another process that wrote positions of this log, whose last write may
// arrive late.
[[nodiscard]] std::uint64_t next_version(std::uint64_t last, const base::Clock& clock);

}  // namespace tallystick::warehouse
