#include "warehouse/recovery.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "warehouse/load_statements.h"
#include "warehouse/rebuild.h"

namespace tallystick::warehouse {
namespace {

base::Result<void> take_back(Client& client, const Layout& layout, std::uint32_t log_id, const RecoveryPlan& plan) {
  for (const std::string_view table : kLoadedTables) {
    TALLY_TRY(client.cancel(make_load_query_id(layout, log_id, plan.load_from, table)));
  }
  for (const std::string_view table : kCountedTables) {
    TALLY_TRY(client.cancel(make_load_query_id(layout, log_id, plan.load_from, table)));
  }
  TALLY_TRY(client.cancel(make_load_query_id(layout, log_id, plan.load_from, kEraseStep)));
  const QueryOptions options{.is_repeatable = true};
  for (const std::string_view table : kLoadedTables) {
    TALLY_TRY(client.execute(make_take_back(layout, table, log_id, plan.load_from), {}, options));
  }
  return rebuild_days(client, layout, log_id, plan.days);
}

base::Result<std::vector<std::uint16_t>> find_days_from(Client& client,
                                                        const Layout& layout,
                                                        std::uint32_t log_id,
                                                        std::uint64_t first) {
  std::set<std::uint16_t> days;
  for (const std::string_view table : kLoadedTables) {
    TALLY_ASSIGN(const Rows rows,
                 client.query(fmt::format("SELECT DISTINCT toUInt16(toDate(occurred_at, 'UTC')) AS day FROM {} "
                                          "WHERE log_id = {} AND sequence >= {}",
                                          layout.table(table),
                                          log_id,
                                          first)));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      days.insert(static_cast<std::uint16_t>(rows.integer(row, 0)));
    }
  }
  return std::vector<std::uint16_t>(days.begin(), days.end());
}

}  // namespace

RecoveryPlan make_recovery_plan(const std::optional<Position>& last) {
  if (!last) {
    return {};
  }
  if (last->state == PositionState::kDone) {
    return {.load_from = last->end, .last_version = last->version, .frontier = last->frontier};
  }
  return {.load_from = last->first,
          .last_version = last->version,
          .takes_back = true,
          .days = last->days,
          .frontier = last->frontier};
}

std::uint64_t next_version(std::uint64_t last, const base::Clock& clock) {
  return std::max(last + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(clock.now().us, 0)));
}

base::Result<LoadStart> recover_load(
    Client& client, const Layout& layout, std::uint32_t log_id, std::uint64_t log_size, const base::Clock& clock) {
  TALLY_ASSIGN(auto last, load_position(client, layout, log_id, Stage::kLoad));
  if (last && last->state == PositionState::kDone && last->end > log_size) {
    // As a batch that was begun and not done: should this be cut off, the next attempt goes on with it.
    last->state = PositionState::kBegun;
    last->version = next_version(last->version, clock);
    last->first = log_size;
    TALLY_ASSIGN(last->days, find_days_from(client, layout, log_id, log_size));
    TALLY_TRY(save_position(client, layout, *last));
  }
  const RecoveryPlan plan = make_recovery_plan(last);
  LoadStart start{.first = plan.load_from, .version = plan.last_version, .frontier = plan.frontier};
  if (plan.takes_back) {
    TALLY_TRY(take_back(client, layout, log_id, plan));
    start.version = next_version(plan.last_version, clock);
    TALLY_TRY(save_position(client,
                            layout,
                            {.log_id = log_id,
                             .stage = Stage::kLoad,
                             .version = start.version,
                             .state = PositionState::kDone,
                             .first = plan.load_from,
                             .end = plan.load_from,
                             .frontier = plan.frontier}));
  }
  return start;
}

}  // namespace tallystick::warehouse
