#include "warehouse/warehouse.h"

#include <utility>

#include <fmt/format.h>

namespace tallystick::warehouse {

Warehouse::Warehouse(const Options& options, const base::Clock& clock)
    : client_(options.endpoint), names_(options.names), clock_(clock) {}

base::Result<std::uint64_t> Warehouse::find_or_make_generation() {
  TALLY_ASSIGN(const std::vector<Generation> generations, load_generations(client_, names_));
  const std::optional<std::uint64_t> current = find_current(generations);
  // None is ready: the first start, or one that was cut off on its way.
  const std::uint64_t number = current ? *current : generations.empty() ? 1 : generations.back().number;
  TALLY_TRY(make_generation(client_, names_, number, clock_.now()));
  if (!current) {
    TALLY_TRY(mark_ready(client_, names_, number, clock_.now()));
  }
  return number;
}

base::Result<void> Warehouse::load_logs() {
  TALLY_ASSIGN(const Layout where, layout());
  TALLY_ASSIGN(const Rows rows,
               client_.query(fmt::format("SELECT log_id, maxIf(end, stage = 'load') AS loaded, maxIf(version, stage = "
                                         "'settle') AS pass FROM {} WHERE state = 'done' GROUP BY log_id",
                                         where.table("load_positions"))));
  const std::lock_guard lock(mutex_);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto log_id = static_cast<std::uint32_t>(rows.integer(row, "log_id"));
    LogStatus& log = logs_[log_id];
    log.log_id = log_id;
    log.loaded = rows.unsigned_integer(row, "loaded");
    log.pass = rows.unsigned_integer(row, "pass");
  }
  return {};
}

void Warehouse::note(const base::Result<void>& outcome) {
  const std::lock_guard lock(mutex_);
  is_up_ = outcome.has_value();
  error_ = outcome ? std::string() : outcome.error().message;
}

base::Result<void> Warehouse::prepare() {
  if (is_prepared()) {
    return {};
  }
  const auto number = find_or_make_generation();
  if (number) {
    switch_to(*number);
  }
  const base::Result<void> outcome = number ? base::Result<void>() : std::unexpected(number.error());
  note(outcome);
  return outcome;
}

base::Result<void> Warehouse::check() {
  const base::Result<void> outcome = load_logs();
  note(outcome);
  return outcome;
}

bool Warehouse::is_prepared() const {
  const std::lock_guard lock(mutex_);
  return generation_ > 0;
}

base::Result<Layout> Warehouse::layout() const {
  const std::lock_guard lock(mutex_);
  if (generation_ == 0) {
    return base::fail(
        base::ErrorKind::kUnavailable, "warehouse_not_ready", "the warehouse is not ready yet: " + error_);
  }
  return names_.layout_of(generation_);
}

void Warehouse::switch_to(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  generation_ = number;
  logs_.clear();
}

void Warehouse::set_progress(const LoadProgress& progress) {
  const std::lock_guard lock(mutex_);
  LogStatus& log = logs_[progress.log_id];
  log.log_id = progress.log_id;
  log.loaded = progress.loaded;
  log.progress = progress;
}

Status Warehouse::status() const {
  Status status;
  status.is_built_in = client_.endpoint().is_built_in();
  status.endpoint = client_.shown_endpoint();
  status.cluster = names_.cluster;
  const std::lock_guard lock(mutex_);
  status.is_up = is_up_;
  status.error = error_;
  status.generation = generation_;
  if (generation_ > 0) {
    status.database = names_.layout_of(generation_).database();
  }
  for (const auto& [log_id, log] : logs_) {
    status.logs.push_back(log);
  }
  return status;
}

}  // namespace tallystick::warehouse
