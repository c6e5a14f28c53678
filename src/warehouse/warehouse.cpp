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

base::Result<std::uint64_t> Warehouse::load_pass(const Layout& layout) {
  TALLY_ASSIGN(const Rows rows,
               client_.query(fmt::format("SELECT max(pass) AS pass FROM {}", layout.table("attribution_passes"))));
  return rows.unsigned_integer(0, "pass");
}

base::Result<void> Warehouse::adopt(std::uint64_t number) {
  TALLY_ASSIGN(const std::uint64_t pass, load_pass(names_.layout_of(number)));
  const std::lock_guard lock(mutex_);
  generation_ = number;
  pass_ = pass;
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
  const base::Result<void> outcome = number ? adopt(*number) : std::unexpected(number.error());
  note(outcome);
  return outcome;
}

base::Result<void> Warehouse::check() {
  const base::Result<void> outcome = client_.ping();
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

base::Result<void> Warehouse::switch_to(std::uint64_t number) {
  return adopt(number);
}

std::uint64_t Warehouse::pass() const {
  const std::lock_guard lock(mutex_);
  return pass_;
}

base::Result<void> Warehouse::publish_pass(std::uint64_t pass) {
  TALLY_ASSIGN(const Layout where, layout());
  QueryOptions options;
  options.is_repeatable = true;  // a row that is there twice is there once
  TALLY_TRY(client_.execute(fmt::format("INSERT INTO {} (pass, published_at) SELECT {{pass:UInt64}}, "
                                        "{{now:DateTime64(6, 'UTC')}}",
                                        where.table("attribution_passes")),
                            {{"pass", std::to_string(pass)}, {"now", time_parameter(clock_.now())}},
                            options));
  const std::lock_guard lock(mutex_);
  pass_ = pass;
  return {};
}

void Warehouse::set_progress(const LoadProgress& progress) {
  const std::lock_guard lock(mutex_);
  progress_[progress.log_id] = progress;
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
  status.pass = pass_;
  for (const auto& [log_id, progress] : progress_) {
    status.logs.push_back(progress);
  }
  return status;
}

}  // namespace tallystick::warehouse
