#pragma once
// How far the warehouse is when truth is read from it: every figure is of records below these positions, so that a run
// says exactly what it knew, and nothing of a batch that is being loaded gets in.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/layout.h"
#include "warehouse/warehouse.h"

namespace tallystick::settlement {

struct LogPosition {
  std::uint32_t log_id = 0;
  std::uint64_t end = 0;  // records [0, end)
};

// One generation at one moment.
struct TruthPosition {
  std::uint64_t generation = 0;
  std::string database;
  std::vector<LogPosition> logs;
  // What was durable in the log of this server when it was asked for; nothing without a log here.
  std::optional<LogPosition> wanted = {};

  // Whether all that was wanted is there.
  [[nodiscard]] bool is_complete() const;
};

struct TruthWait {
  std::function<std::optional<LogPosition>()> durable;  // of the log of this server, now
  // What the loader of this server has been through. It writes its position with rows only: records that are none, such
  // as digests of the audit trail, move it in memory.
  std::function<std::optional<LogPosition>()> loaded = [] {
    return std::nullopt;
  };
  std::function<void(std::int64_t us)> pause;  // between two looks
  std::function<bool()> is_cancelled = [] {
    return false;
  };
  std::int64_t limit_us = base::kMicrosPerMinute;
};

// Waits until the warehouse has loaded what is durable when called, within the limit; then takes it as it is. `clock`
// measures the wait. Error codes: "warehouse_not_ready" and those of warehouse::Client; "cancelled".
[[nodiscard]] base::Result<TruthPosition> load_truth_position(warehouse::Warehouse& warehouse,
                                                              const TruthWait& wait,
                                                              const base::Clock& clock);

}  // namespace tallystick::settlement
