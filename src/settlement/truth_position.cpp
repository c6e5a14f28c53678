#include "settlement/truth_position.h"

#include <algorithm>

#include "warehouse/positions.h"

namespace tallystick::settlement {
namespace {

constexpr std::int64_t kLookEveryUs = 100 * base::kMicrosPerMilli;

// "tallystick_12": 12.
std::uint64_t generation_of(const std::string& database) {
  return std::stoull(database.substr(database.rfind('_') + 1));
}

void take_furthest(std::vector<LogPosition>& logs, const LogPosition& loaded) {
  const auto found = std::ranges::find(logs, loaded.log_id, &LogPosition::log_id);
  if (found == logs.end()) {
    logs.push_back(loaded);
  } else {
    found->end = std::max(found->end, loaded.end);
  }
}

}  // namespace

bool TruthPosition::is_complete() const {
  if (!wanted) {
    return true;
  }
  const auto found = std::ranges::find(logs, wanted->log_id, &LogPosition::log_id);
  return wanted->end == 0 || (found != logs.end() && found->end >= wanted->end);
}

base::Result<TruthPosition> load_truth_position(warehouse::Warehouse& warehouse,
                                                const TruthWait& wait,
                                                const base::Clock& clock) {
  TruthPosition position;
  position.wanted = wait.durable();
  for (const std::int64_t until_us = clock.monotonic_us() + wait.limit_us;;) {
    if (wait.is_cancelled()) {
      return base::fail(base::ErrorKind::kUnavailable, "cancelled", "the reconciliation was cancelled");
    }
    TALLY_ASSIGN(const warehouse::Layout layout, warehouse.layout());
    position.database = layout.database();
    position.generation = generation_of(position.database);
    const auto loaded_here = wait.loaded();
    TALLY_ASSIGN(const auto loaded, warehouse::load_positions(warehouse.client(), layout, warehouse::Stage::kLoad));
    position.logs.clear();
    for (const warehouse::Position& log : loaded) {
      // A batch that is begun may be there in part.
      position.logs.push_back({log.log_id, log.state == warehouse::PositionState::kDone ? log.end : log.first});
    }
    if (loaded_here) {
      take_furthest(position.logs, *loaded_here);
    }
    if (position.is_complete() || clock.monotonic_us() >= until_us) {
      return position;
    }
    wait.pause(kLookEveryUs);
  }
}

}  // namespace tallystick::settlement
