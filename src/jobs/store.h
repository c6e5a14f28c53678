#pragma once
// The SQL of jobs and schedules. In the caller's transaction; throws soci::soci_error. One thread per session.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "jobs/model.h"
#include "jobs/queue.h"

namespace tallystick::jobs {

// False when another job of its dedupe_key is queued or running.
[[nodiscard]] bool insert_if_wanted(soci::session& session, const Job& job);
// Everything but what it was asked for; the draft's run_at changes with a retry.
void update(soci::session& session, const Job& job);

[[nodiscard]] std::optional<Job> find_job(soci::session& session, const base::Uuid& id);
// For a change: other changes of the job wait until the transaction ends.
[[nodiscard]] std::optional<Job> lock_job(soci::session& session, const base::Uuid& id);
// The one of this key that is queued or running.
[[nodiscard]] std::optional<Job> find_unfinished(soci::session& session, std::string_view dedupe_key);
// Newest first, older than the id `before`; empty: from the newest.
[[nodiscard]] std::vector<Job> load_jobs(soci::session& session,
                                         const JobFilter& filter,
                                         std::string_view before,
                                         std::int64_t max_jobs);

// Who could run what.
struct Claimant {
  std::string node;                // empty: none, for jobs of any node only
  std::vector<std::string> kinds;  // it has handlers of
};

// The queued job that is due and comes first, passed over by every other node until the transaction ends.
[[nodiscard]] std::optional<Job> lock_due_job(soci::session& session, const Claimant& claimant, base::Timestamp now);
// Running ones whose lease ended, or that an owner whose name begins with `abandoned_by` and not with `but_not_by`
// left; empty: nobody. Locked like the above.
[[nodiscard]] std::vector<Job> lock_abandoned_jobs(soci::session& session,
                                                   base::Timestamp now,
                                                   std::string_view abandoned_by,
                                                   std::string_view but_not_by,
                                                   std::int64_t max_jobs);
// False when the owner has lost it.
[[nodiscard]] bool extend_lease(soci::session& session,
                                const base::Uuid& id,
                                std::string_view owner,
                                base::Timestamp until,
                                const Progress& progress);

// Of a running job that `owner` has leased: whether somebody asked for its end; nothing when the lease is lost.
[[nodiscard]] std::optional<bool> find_cancel_request(soci::session& session,
                                                      const base::Uuid& id,
                                                      std::string_view owner);
[[nodiscard]] bool has_due_job(soci::session& session, const Claimant& claimant, base::Timestamp now);
[[nodiscard]] bool has_ended_lease(soci::session& session, base::Timestamp now);

// Dead jobs whose death was not told, oldest first.
[[nodiscard]] std::vector<Job> load_untold_deaths(soci::session& session, std::int64_t max_jobs);
void set_death_told(soci::session& session, const base::Uuid& id);

[[nodiscard]] QueueStatistics count_jobs(soci::session& session, base::Timestamp now);
// At most `max_jobs` of those that finished before; how many.
[[nodiscard]] std::int64_t remove_finished(soci::session& session, base::Timestamp before, std::int64_t max_jobs);

}  // namespace tallystick::jobs
