// The rebuilds of Loader: a new generation is filled in the turns between the batches of the present one, and takes
// over when it is level and its counts are those of the journal.
#include <algorithm>
#include <utility>

#include "warehouse/loader.h"
#include "warehouse/positions.h"

namespace tallystick::warehouse {
namespace {

// A report may have begun on the generation that was current before the switch.
constexpr std::int64_t kDropAfterUs = 15 * base::kMicrosPerSecond;

// What is about to reach the end of its time may be gone in one generation and there in the other.
constexpr std::int64_t kRetentionMarginDays = 2;

}  // namespace

base::Result<void> Loader::request_rebuild() {
  TALLY_ASSIGN([[maybe_unused]] const Layout layout, rooms_.warehouse.layout());
  const std::lock_guard lock(mutex_);
  if (is_rebuild_wanted_ || rebuild_status_.state == RebuildState::kRunning) {
    return base::fail(base::ErrorKind::kConflict, "rebuild_running", "a rebuild of the warehouse is under way");
  }
  is_rebuild_wanted_ = true;
  rebuild_status_ = {};
  rebuild_status_.state = RebuildState::kRunning;
  rebuild_status_.begun_at = rooms_.clock.now();
  rebuild_status_.wanted = rooms_.journal.size();
  return {};
}

RebuildStatus Loader::rebuild_status() const {
  const std::lock_guard lock(mutex_);
  return rebuild_status_;
}

void Loader::step_rebuild() {
  bool is_wanted = false;
  {
    const std::lock_guard lock(mutex_);
    is_wanted = std::exchange(is_rebuild_wanted_, false);
  }
  if (is_wanted) {
    if (const auto done = begin_rebuild(); !done) {
      fail_rebuild(done.error());
    }
  }
  if (!rebuild_) {
    return;
  }
  auto has_more = rebuild_->step(pipeline_->loaded());
  {
    const std::lock_guard lock(mutex_);
    rebuild_status_.loaded = rebuild_->loaded();
    rebuild_status_.wanted = std::max(pipeline_->loaded(), rebuild_status_.loaded);
  }
  if (!has_more) {
    fail_rebuild(has_more.error());
  } else if (!*has_more) {
    if (const auto done = finish_rebuild(); !done) {
      fail_rebuild(done.error());
    }
  }
}

base::Result<void> Loader::begin_rebuild() {
  Client& client = rooms_.warehouse.client();
  const GenerationNames& names = rooms_.warehouse.names();
  TALLY_ASSIGN(const auto positions, load_positions(client, pipeline_->layout(), Stage::kLoad));
  if (std::ranges::any_of(positions, [this](const Position& other) { return other.log_id != rooms_.log_id; })) {
    return base::fail(base::ErrorKind::kConflict,
                      "warehouse_shared",
                      "other capture nodes load this warehouse too; one of them alone cannot fill a new generation");
  }
  TALLY_ASSIGN(const auto generations, load_generations(client, names));
  std::uint64_t number = 1;
  for (const Generation& generation : generations) {
    number = std::max(number, generation.number + 1);
    if (!generation.is_ready) {  // of a rebuild that was cut off
      TALLY_TRY(drop_generation(client, names, generation.number));
    }
  }
  TALLY_TRY(make_generation(client, names, number, rooms_.clock.now()));
  TALLY_ASSIGN(auto pipeline, open_pipeline(names.layout_of(number)));
  const std::int64_t last_day = day_of(rooms_.clock.now()) - names.retention.event_days + kRetentionMarginDays;
  const base::Timestamp since{std::max<std::int64_t>(last_day, 0) * base::kMicrosPerDay};
  rebuild_ = std::make_unique<GenerationRebuild>(rooms_.journal, rooms_.log_id, number, since, std::move(pipeline));
  rooms_.log.info("rebuilding the warehouse", {{"generation", number}});
  const std::lock_guard lock(mutex_);
  rebuild_status_.generation = number;
  return {};
}

base::Result<void> Loader::finish_rebuild() {
  Warehouse& warehouse = rooms_.warehouse;
  TALLY_TRY(pipeline_->drain());
  const std::uint64_t end = pipeline_->loaded();
  TALLY_TRY(rebuild_->complete(end));
  TALLY_ASSIGN(auto counts, rebuild_->compare(warehouse.client(), pipeline_->layout()));
  const bool is_right =
      std::ranges::all_of(counts, [](const CountComparison& count) { return count.journal == count.rebuilt; });
  {
    const std::lock_guard lock(mutex_);
    rebuild_status_.counts = std::move(counts);
    rebuild_status_.loaded = end;
    rebuild_status_.wanted = end;
  }
  if (!is_right) {
    return base::fail(base::ErrorKind::kCorrupt,
                      "rebuild_differs",
                      "the new generation differs from a recount of the journal; the one before stays");
  }
  TALLY_TRY(refresh_dimensions(rebuild_->layout()));
  // A generation that takes over has its attributions: nothing of it is loaded at this moment.
  TALLY_TRY(upkeep_of(rebuild_->layout())
                .attribution.settle_all({.end = end, .frontier = rooms_.clock.now(), .is_caught_up = true}));
  const std::uint64_t before = warehouse.status().generation;
  TALLY_TRY(mark_ready(warehouse.client(), warehouse.names(), rebuild_->number(), rooms_.clock.now()));
  warehouse.switch_to(rebuild_->number());
  pipeline_ = rebuild_->take_pipeline();
  rooms_.log.info("warehouse rebuilt", {{"generation", rebuild_->number()}, {"records", end}});
  rebuild_.reset();
  old_generation_ = before;
  drop_old_at_us_ = rooms_.clock.monotonic_us() + kDropAfterUs;
  const std::lock_guard lock(mutex_);
  rebuild_status_.state = RebuildState::kDone;
  rebuild_status_.ended_at = rooms_.clock.now();
  return {};
}

void Loader::fail_rebuild(const base::Error& error) {
  rooms_.log.error("the rebuild of the warehouse failed", error);
  if (rebuild_) {
    const std::uint64_t number = rebuild_->number();
    const std::string database = rebuild_->layout().database();
    rebuild_.reset();
    {
      const std::lock_guard upkeep_lock(upkeep_mutex_);
      upkeep_.erase(database);
    }
    // Should this fail too, the next connection or rebuild drops it.
    (void)drop_generation(rooms_.warehouse.client(), rooms_.warehouse.names(), number);
  }
  const std::lock_guard lock(mutex_);
  rebuild_status_.state = RebuildState::kFailed;
  rebuild_status_.ended_at = rooms_.clock.now();
  rebuild_status_.error = error.message;
}

void Loader::drop_old_generation() {
  if (!old_generation_ || rooms_.clock.monotonic_us() < drop_old_at_us_) {
    return;
  }
  const std::uint64_t number = std::exchange(old_generation_, {}).value();
  {
    const std::lock_guard lock(upkeep_mutex_);
    upkeep_.erase(rooms_.warehouse.names().layout_of(number).database());
  }
  if (const auto done = drop_generation(rooms_.warehouse.client(), rooms_.warehouse.names(), number); !done) {
    rooms_.log.warning("the generation before stays in the warehouse", {{"code", done.error().code}});
  }
}

}  // namespace tallystick::warehouse
