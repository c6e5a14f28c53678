#pragma once
// The SQL of schedules: a row holds when its time comes next, and whoever moves that on has the right, and the duty, to
// queue the job in the same transaction. In the caller's transaction; throws soci::soci_error.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "base/time.h"

namespace tallystick::jobs {

struct ScheduleRow {
  std::string name;
  std::string cron;
  std::string time_zone;
  base::Timestamp next_at;
  base::Timestamp last_at;  // the time of the schedule that was queued last; zero: none yet
  std::string last_job_id;
};

[[nodiscard]] std::vector<ScheduleRow> load_schedules(soci::session& session);
[[nodiscard]] std::optional<ScheduleRow> find_schedule(soci::session& session, std::string_view name);
// Adds the row, or gives it another rhythm when that has changed; otherwise leaves it as it is.
void put_schedule(soci::session& session, const ScheduleRow& row);
// False when the row's time is no longer `seen`: another node has queued its job.
[[nodiscard]] bool advance_schedule(soci::session& session,
                                    std::string_view name,
                                    base::Timestamp seen,
                                    base::Timestamp next);
void set_last_job(soci::session& session, std::string_view name, base::Timestamp at, std::string_view job_id);

}  // namespace tallystick::jobs
