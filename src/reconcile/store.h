#pragma once
// The SQL of runs and their findings. Only complete runs are ever read. In the caller's transaction; throws
// soci::soci_error.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "reconcile/run_service.h"

namespace tallystick::reconcile {

struct NumberedRun {
  Run run;
  std::int64_t number = 0;  // under which its parts are kept
};

// A run whose items are being written; its number.
[[nodiscard]] std::int64_t begin_run(soci::session& session, const Run& run, base::Timestamp now);
// Says that it goes on. False: somebody took it for abandoned, and nothing of it may be written any more.
[[nodiscard]] bool touch_run(soci::session& session, std::int64_t number, base::Timestamp now);
// With its findings; false as above.
[[nodiscard]] bool complete_run(soci::session& session, std::int64_t number, const Run& run);

[[nodiscard]] std::optional<NumberedRun> find_run(soci::session& session, const base::Uuid& id);
[[nodiscard]] std::vector<Run> load_runs(soci::session& session,
                                         const RunFilter& filter,
                                         std::string_view before_id,
                                         std::int64_t max_runs);

// Runs that are not complete and were last touched before `older_than`: nobody may go on with them after this. Their
// numbers.
[[nodiscard]] std::vector<std::int64_t> abandon_runs(soci::session& session, base::Timestamp older_than);
// One run, whenever it was touched; a complete one stays as it is.
void abandon_run(soci::session& session, std::int64_t number);
// An abandoned one, once it has no items any more.
void remove_run(soci::session& session, std::int64_t number);

}  // namespace tallystick::reconcile
