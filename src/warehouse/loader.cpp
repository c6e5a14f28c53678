#include "warehouse/loader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <thread>
#include <utility>

#include "warehouse/positions.h"
#include "warehouse/recovery.h"

namespace tallystick::warehouse {
namespace {

constexpr std::int64_t kWaitUs = 50 * base::kMicrosPerMilli;
constexpr std::chrono::milliseconds kRest(5);  // so that a log that grows record by record is not followed so
constexpr std::chrono::milliseconds kRetryAfter(500);
constexpr std::chrono::seconds kStopGrace(5);
constexpr std::int64_t kUnreachableToleranceUs = 10 * base::kMicrosPerSecond;

void sleep_unless(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
}

// Ends the calls of a loader that does not come back within kStopGrace of the request to stop.
class StopGuard {
 public:
  StopGuard(const std::stop_token& stop, Warehouse& warehouse)
      : thread_([this, stop, &warehouse](const std::stop_token& over) {
          std::unique_lock lock(mutex_);
          const std::stop_callback wake(stop, [this] { wake_.notify_all(); });
          wake_.wait(lock, over, [&] { return stop.stop_requested(); });
          if (!over.stop_requested() && !wake_.wait_for(lock, over, kStopGrace, [] { return false; }) &&
              !over.stop_requested()) {
            warehouse.stop();
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

// Whatever goes wrong with attribution, events are loaded.
base::Result<bool> run_pass(AttributionPass& attribution, const LoadedLog& loaded) {
  try {
    return attribution.run_if_due(loaded);
  } catch (const std::exception& exception) {
    return base::fail(base::ErrorKind::kInternal, "exception", exception.what());
  }
}

}  // namespace

Loader::Loader(const LoaderRooms& rooms, const LoadLimits& limits, LoaderHooks hooks)
    : rooms_(rooms), limits_(limits), hooks_(std::move(hooks)), log_size_at_start_(rooms.journal.size()) {}

Loader::~Loader() = default;

void Loader::run(const std::stop_token& stop) {
  const StopGuard guard(stop, rooms_.warehouse);
  while (!stop.stop_requested()) {
    auto done = connect();
    if (done) {
      done = load_until_failure(stop);
    }
    if (!done && !stop.stop_requested()) {
      note_failure(done.error());
      if (rebuild_) {
        fail_rebuild(done.error());
      }
      pipeline_.reset();
      sleep_unless(stop, kRetryAfter);
    }
  }
  rebuild_.reset();
  pipeline_.reset();
}

base::Result<void> Loader::connect() {
  Warehouse& warehouse = rooms_.warehouse;
  TALLY_TRY(warehouse.prepare());
  TALLY_ASSIGN(const Layout layout, warehouse.layout());
  TALLY_TRY(drop_leftovers());
  TALLY_ASSIGN(pipeline_, open_pipeline(layout));
  rooms_.log.info("warehouse connected", {{"database", layout.database()}, {"loaded", pipeline_->loaded()}});
  return {};
}

// Generations that an interrupted rebuild left. Only where nobody else can be at work on one.
base::Result<void> Loader::drop_leftovers() {
  if (!rooms_.warehouse.client().endpoint().is_built_in()) {
    return {};
  }
  TALLY_ASSIGN(const auto generations, load_generations(rooms_.warehouse.client(), rooms_.warehouse.names()));
  const auto current = find_current(generations);
  for (const Generation& generation : generations) {
    if (generation.number != current) {
      TALLY_TRY(drop_generation(rooms_.warehouse.client(), rooms_.warehouse.names(), generation.number));
    }
  }
  old_generation_.reset();
  return {};
}

base::Result<std::unique_ptr<LoadPipeline>> Loader::open_pipeline(const Layout& layout) {
  Client& client = rooms_.warehouse.client();
  TALLY_ASSIGN(const LoadStart start, recover_load(client, layout, rooms_.log_id, log_size_at_start_, rooms_.clock));
  // What was loaded since is in this log, whatever is written to it later.
  log_size_at_start_ = std::max(log_size_at_start_, rooms_.journal.size());
  auto pipeline = std::make_unique<LoadPipeline>(
      rooms_.journal,
      std::make_unique<LoadWriter>(client, layout, rooms_.log_id, rooms_.clock, start),
      rooms_.log_id,
      start.first,
      limits_,
      rooms_.clock,
      counters_,
      [this](const LoadWriter& writer, std::uint64_t loaded) { between(writer, loaded); });
  TALLY_TRY(pipeline->warm_up());
  return pipeline;
}

base::Result<void> Loader::load_until_failure(const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    error_.clear();
    told_error_.clear();
  }
  while (!stop.stop_requested()) {
    const std::uint64_t position = pipeline_->position();
    TALLY_ASSIGN(const bool has_read, pipeline_->step(UINT64_MAX, rebuild_ ? 0 : kWaitUs));
    {
      const std::lock_guard lock(mutex_);
      loaded_ = pipeline_->loaded();
      if (loaded_ >= rooms_.journal.size()) {
        level_at_ = rooms_.clock.now();
      }
    }
    step_rebuild();
    drop_old_generation();
    if (has_read && !rebuild_ && pipeline_->position() - position < 64) {
      sleep_unless(stop, kRest);
    }
  }
  return {};
}

void Loader::note_failure(const base::Error& error) {
  ++counters_.failures;
  const std::int64_t now_us = rooms_.clock.monotonic_us();
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    failing_since_us_ = error_.empty() || !failing_since_us_ ? now_us : failing_since_us_;
    // The built-in engine takes a moment to start.
    const bool is_worth_telling =
        error.code != "warehouse_unreachable" || now_us - *failing_since_us_ >= kUnreachableToleranceUs;
    is_news = is_worth_telling && told_error_ != error.message;
    told_error_ = is_news ? error.message : told_error_;
    error_ = error.message;
  }
  if (is_news) {
    rooms_.log.warning("loading the warehouse failed, to be tried again",
                       {{"code", error.code}, {"detail", error.message}});
  }
}

LoadProgress Loader::progress() const {
  LoadProgress progress;
  progress.log_id = rooms_.log_id;
  std::optional<base::Timestamp> level_at;
  {
    const std::lock_guard lock(mutex_);
    progress.loaded = loaded_;
    progress.error = error_;
    level_at = level_at_;
  }
  progress.durable = rooms_.journal.size();
  journal::Record record;
  if (progress.loaded < progress.durable) {
    const auto is_there = rooms_.journal.make_reader(progress.loaded)->next(record, 0);
    if (is_there && *is_there) {
      // A replayed event has the time of its first receipt, so it may look older than it is in the log.
      const base::Timestamp since = std::max(record.received_at, level_at.value_or(record.received_at));
      progress.lag_seconds = std::max(0.0, static_cast<double>(rooms_.clock.now() - since) / 1e6);
    }
  }
  return progress;
}

void Loader::between(const LoadWriter& writer, std::uint64_t loaded) {
  if (const auto done = refresh_dimensions(writer.layout()); !done) {
    rooms_.log.warning("the warehouse's copy of the catalog is old", {{"code", done.error().code}});
  }
  Upkeep& upkeep = upkeep_of(writer.layout());
  const bool is_behind =
      upkeep.catch_up.is_under_way(loaded, rooms_.journal.size(), writer.frontier(), rooms_.clock.now());
  if (const auto done = upkeep.merge_deferral.follow(is_behind); !done) {
    rooms_.log.warning("the warehouse merges as it did before", {{"code", done.error().code}});
  }
  attribute(upkeep.attribution, {.end = loaded, .frontier = writer.frontier(), .is_far_behind = is_behind});
}

void Loader::attribute(AttributionPass& attribution, LoadedLog loaded) {
  // With an idle log the time of the last record stands still, and the last minutes would never be settled. What is
  // being written at this moment was received seconds ago, for which the settling has a margin.
  const base::Timestamp now = rooms_.clock.now();
  loaded.is_caught_up = loaded.end >= rooms_.journal.size();
  if (loaded.is_caught_up) {
    loaded.frontier = std::max(now, loaded.frontier);
  }
  const auto done = run_pass(attribution, loaded);
  const std::lock_guard lock(upkeep_mutex_);
  if (done) {
    told_attribution_error_.clear();
  } else if (done.error().code != "warehouse_stopping" &&
             std::exchange(told_attribution_error_, done.error().message) != done.error().message) {
    rooms_.log.warning("attribution failed, to be tried again",
                       {{"code", done.error().code}, {"detail", done.error().message}});
  }
}

Loader::Upkeep& Loader::upkeep_of(const Layout& layout) {
  const std::lock_guard lock(upkeep_mutex_);
  auto& upkeep = upkeep_[layout.database()];
  if (!upkeep) {
    Client& client = rooms_.warehouse.client();
    upkeep = std::make_unique<Upkeep>(AttributionPass(client, layout, rooms_.log_id, rooms_.clock),
                                      MergeDeferral(client, layout));
  }
  return *upkeep;
}

base::Result<void> Loader::refresh_dimensions(const Layout& layout) {
  if (!hooks_.catalog_revision) {
    return {};
  }
  TALLY_ASSIGN(const std::int64_t revision, hooks_.catalog_revision());
  const std::lock_guard lock(dimensions_mutex_);
  const auto saved = saved_revisions_.find(layout.database());
  if (saved != saved_revisions_.end() && saved->second == revision) {
    return {};
  }
  TALLY_ASSIGN(const Dimensions dimensions, hooks_.load_dimensions());
  TALLY_TRY(save_dimensions(rooms_.warehouse.client(), layout, dimensions));
  saved_revisions_[layout.database()] = revision;
  return {};
}

}  // namespace tallystick::warehouse
