#pragma once
// Gives every click and every conversion of one log its placements (docs/attribution.md), in passes. A pass settles
// once and for all what is old enough for every exposure before it to have been reported, and answers the rest anew;
// both show at the same instant, when the pass's position is written. A pass that was cut off is taken back and
// repeated, so that the result does not depend on crashes, on the order of arrival, or on where batches and passes end.
// One thread per log, between its batches: nothing may load that log while a pass runs.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"
#include "warehouse/positions.h"

namespace tallystick::warehouse {

struct AttributionSettings {
  // Exposures come up to 10 minutes after they occurred, by clocks up to a minute fast; a minute more for the rest.
  std::int64_t settle_delay_us = 12 * base::kMicrosPerMinute;
  std::int64_t min_pause_us = 2 * base::kMicrosPerSecond;
  std::int64_t max_busy_permille = 100;  // of the time, while the loader has something else to do
  // While the loader is far behind: nobody waits for figures of what is not loaded, and loading waits for a pass.
  std::int64_t min_pause_behind_us = base::kMicrosPerMinute;
  std::int64_t max_busy_behind_permille = 20;
  // Bound what a pass holds in memory: events settled at once, the time they may span, events answered anew.
  std::uint64_t max_settled_events = 200'000;
  std::int64_t max_settled_span_us = 7 * base::kMicrosPerDay;
  std::uint64_t max_recent_events = 500'000;
  std::uint64_t max_memory_bytes = 1024ULL * 1024 * 1024;  // of one statement; half of it, then to disk
  std::int64_t timeout_ms = 300'000;                       // of one statement
  // A reader that looked a pass up before the next one was published still finds it: a report may take 20 s.
  std::int64_t reader_grace_us = 30 * base::kMicrosPerSecond;
  // A log that is further behind the others is not waited for.
  std::int64_t max_log_lag_us = base::kMicrosPerHour;
};

// How far the log is loaded.
struct LoadedLog {
  std::uint64_t end = 0;       // records [0, end) are in the warehouse
  base::Timestamp frontier;    // everything received before is among them
  bool is_caught_up = false;   // nothing waits to be loaded: passes may follow each other without a pause
  bool is_far_behind = false;  // catch_up.h
};

class AttributionPass {
 public:
  // `client` and `clock` must outlive it. A new one for each generation.
  AttributionPass(
      Client& client, Layout layout, std::uint32_t log_id, const base::Clock& clock, AttributionSettings settings = {});

  // Runs a pass if there is something to do and it is time for it; says whether it did. After an error the pass is
  // taken back and tried again when this is called next after a pause, with less at once if it was too much.
  [[nodiscard]] base::Result<bool> run_if_due(const LoadedLog& loaded);
  // Runs passes until nothing is left that may be settled, due or not: the end of a rebuild.
  [[nodiscard]] base::Result<void> settle_all(const LoadedLog& loaded);

  // Records [0, settled_end()) are settled; the number of the last pass. Known after the first pass.
  [[nodiscard]] std::uint64_t settled_end() const { return settled_end_; }
  [[nodiscard]] std::uint64_t pass() const { return published_; }

 private:
  struct Plan {
    std::uint64_t settle_end = 0;
    std::uint64_t recent_end = 0;
    bool is_settling = false;
    bool is_recent_empty = true;
    base::Timestamp oldest_unsettled;
    base::Timestamp horizon;

    [[nodiscard]] bool has_backlog() const { return !is_recent_empty && oldest_unsettled <= horizon; }
  };
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };
  struct Superseded {
    std::uint64_t pass = 0;
    std::int64_t since_us = 0;
  };

  [[nodiscard]] bool is_due(const LoadedLog& loaded) const;
  [[nodiscard]] base::Result<bool> run(const LoadedLog& loaded);
  [[nodiscard]] base::Result<base::Timestamp> find_horizon(const LoadedLog& loaded);
  [[nodiscard]] base::Result<Plan> make_plan(const LoadedLog& loaded);
  [[nodiscard]] base::Result<void> carry_out(const Plan& plan);
  [[nodiscard]] base::Result<void> attribute(const Plan& plan, std::uint64_t pass);
  [[nodiscard]] base::Result<void> run_step(std::string_view text,
                                            std::string_view target,
                                            Range range,
                                            std::uint64_t pass);
  [[nodiscard]] base::Result<void> save(PositionState state, const Plan& plan);
  [[nodiscard]] base::Result<void> recover();
  [[nodiscard]] base::Result<void> take_back(std::uint64_t from_pass);
  [[nodiscard]] base::Result<void> drop_partition(std::string_view table, std::uint64_t pass);
  [[nodiscard]] base::Result<void> drop_superseded();
  [[nodiscard]] base::Result<std::uint64_t> load_published();
  [[nodiscard]] std::string query_id(std::size_t number) const;
  void adapt(const base::Error& error);
  [[nodiscard]] std::int64_t rest_us(const LoadedLog& loaded) const;

  Client& client_;
  const Layout layout_;
  const std::uint32_t log_id_;
  const base::Clock& clock_;
  const AttributionSettings settings_;
  const std::int64_t made_us_;  // monotonic

  bool is_recovered_ = false;  // false: what the last pass left behind must be looked at first
  std::uint64_t settled_end_ = 0;
  std::uint64_t version_ = 0;    // the greatest position version that was written, or tried
  std::uint64_t published_ = 0;  // the pass that readers see
  std::vector<Superseded> superseded_;
  std::size_t next_query_ = 0;
  unsigned halvings_ = 0;  // of the numbers of events, after a statement that took too much

  std::optional<Plan> last_plan_;
  std::uint64_t last_loaded_end_ = 0;
  struct Run {
    std::int64_t ended_us = 0;  // monotonic
    std::int64_t took_us = 0;
    bool is_good = false;
  };
  std::optional<Run> last_run_;
};

}  // namespace tallystick::warehouse
