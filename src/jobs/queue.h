#pragma once
// The durable queue: enqueue in the caller's transaction, look, retry, cancel. At-least-once: a job whose worker died
// runs again when its lease ends, so a handler leaves either nothing or the whole. Thread-safe: blocks on the database.

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "access/audit.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "jobs/model.h"
#include "records/database.h"

namespace tallystick::jobs {

struct JobFilter {
  std::optional<State> state = {};
  std::string kind = {};     // empty: any
  std::string subject = {};  // empty: any
};

struct QueueStatistics {
  std::int64_t queued = 0;
  std::int64_t running = 0;
  std::int64_t dead = 0;
  base::Timestamp oldest_due_at = {};  // since when the longest waiting job could run; zero: none waits
};

class Queue {
 public:
  // All must outlive it.
  Queue(records::Database& database, access::AuditLog& audit, const base::Clock& clock, base::Random& random)
      : database_(database), audit_(audit), clock_(clock), random_(random) {}

  // In the caller's transaction. With a dedupe_key that is queued or running already: that job, and no second one.
  // Error codes: "job_too_large", "bad_job" (a payload that is no JSON object, no kind, no attempt).
  [[nodiscard]] base::Result<Job> enqueue(soci::session& session, const Draft& draft);
  // In one of its own.
  [[nodiscard]] base::Result<Job> enqueue(const Draft& draft);

  // Newest first; `before_id` is where the page before ended; empty: from the newest.
  [[nodiscard]] base::Result<std::vector<Job>> list(const JobFilter& filter,
                                                    std::string_view before_id,
                                                    std::int64_t max_jobs);
  // Error code: "job_not_found".
  [[nodiscard]] base::Result<Job> get(const base::Uuid& id);
  // Of a dead or cancelled job: queued again, its attempts counted anew. Error codes: "job_not_found", "job_not_dead",
  // "job_already_queued" (another one has its dedupe_key).
  [[nodiscard]] base::Result<Job> retry(const base::Uuid& id, const access::ChangeContext& context);
  // A queued one at once; a running one is asked to stop. Error codes: "job_not_found", "job_finished".
  [[nodiscard]] base::Result<Job> cancel(const base::Uuid& id, const access::ChangeContext& context);

  // For metrics and health: indexed counts.
  [[nodiscard]] base::Result<QueueStatistics> statistics();
  // Removes what finished before `before`, in steps so that nobody waits long. How many.
  [[nodiscard]] base::Result<std::int64_t> remove_finished(base::Timestamp before);

 private:
  friend class Runner;
  records::Database& database_;
  access::AuditLog& audit_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::jobs
