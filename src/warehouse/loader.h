#pragma once
// Keeps the warehouse level with the log: connects, recovers, loads, and begins again after every failure. Carries out
// rebuilds into a new generation beside the one that is read. run() belongs to one thread; all else is thread-safe.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "journal/journal.h"
#include "warehouse/attribution.h"
#include "warehouse/catch_up.h"
#include "warehouse/dimensions.h"
#include "warehouse/generation_rebuild.h"
#include "warehouse/load_pipeline.h"
#include "warehouse/merge_deferral.h"
#include "warehouse/warehouse.h"

namespace tallystick::warehouse {

// All outlive the loader.
struct LoaderRooms {
  Warehouse& warehouse;
  const journal::Journal& journal;
  std::uint32_t log_id;  // VerifierKey::hash of the log
  base::Log& log;
  const base::Clock& clock;
};

// What the composition connects; both or neither. They run on the loader's threads and may block.
struct LoaderHooks {
  // Counts up with every change of the catalog, and the catalog.
  std::function<base::Result<std::int64_t>()> catalog_revision = {};
  std::function<base::Result<Dimensions>()> load_dimensions = {};
};

class Loader {
 public:
  Loader(const LoaderRooms& rooms, const LoadLimits& limits, LoaderHooks hooks);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Until asked to stop; then what is being written is given some seconds to end.
  void run(const std::stop_token& stop);

  [[nodiscard]] LoadProgress progress() const;
  [[nodiscard]] const LoadCounters& counters() const { return counters_; }

  // Begins one in the background. Error codes: "rebuild_running", "warehouse_not_ready".
  [[nodiscard]] base::Result<void> request_rebuild();
  [[nodiscard]] RebuildStatus rebuild_status() const;

 private:
  [[nodiscard]] base::Result<void> connect();
  [[nodiscard]] base::Result<void> load_until_failure(const std::stop_token& stop);
  [[nodiscard]] base::Result<std::unique_ptr<LoadPipeline>> open_pipeline(const Layout& layout);
  [[nodiscard]] base::Result<void> drop_leftovers();
  void between(const LoadWriter& writer, std::uint64_t loaded);
  // What a generation needs between its batches.
  struct Upkeep {
    AttributionPass attribution;
    MergeDeferral merge_deferral;
    CatchUp catch_up = {};
  };
  void attribute(AttributionPass& attribution, LoadedLog loaded);
  // Made when it is first asked for.
  [[nodiscard]] Upkeep& upkeep_of(const Layout& layout);
  [[nodiscard]] base::Result<void> refresh_dimensions(const Layout& layout);
  void note_failure(const base::Error& error);

  void step_rebuild();
  [[nodiscard]] base::Result<void> begin_rebuild();
  [[nodiscard]] base::Result<void> finish_rebuild();
  void fail_rebuild(const base::Error& error);
  void drop_old_generation();

  const LoaderRooms rooms_;
  const LoadLimits limits_;
  const LoaderHooks hooks_;
  LoadCounters counters_;

  std::unique_ptr<LoadPipeline> pipeline_;
  std::unique_ptr<GenerationRebuild> rebuild_;
  std::optional<std::uint64_t> old_generation_;  // to be dropped when no report reads it any more
  std::int64_t drop_old_at_us_ = 0;

  std::mutex dimensions_mutex_;
  std::map<std::string, std::int64_t> saved_revisions_;  // of the catalog, by database

  std::mutex upkeep_mutex_;
  std::map<std::string, std::unique_ptr<Upkeep>> upkeep_;  // by database; each is its writer's thread's
  std::string told_attribution_error_;                     // logged; the same one is not logged again

  std::uint64_t log_size_at_start_;  // of which nothing can be missing

  mutable std::mutex mutex_;
  std::uint64_t loaded_ = 0;
  std::string error_ = "not connected yet";
  std::string told_error_;  // logged; the same one is not logged again
  std::optional<std::int64_t> failing_since_us_;
  std::optional<base::Timestamp> level_at_;  // when everything durable was loaded
  bool is_rebuild_wanted_ = false;
  RebuildStatus rebuild_status_;
};

}  // namespace tallystick::warehouse
