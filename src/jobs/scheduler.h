#pragma once
// Queues the job of each schedule when its time has come: across all nodes one job per time. Times that passed while no
// node ran are made up for by one job, not by one each. While a schedule's job is queued or running no second one is
// queued. Thread-safe once every schedule is added: blocks on the database.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "jobs/cron.h"
#include "jobs/queue.h"
#include "jobs/runner.h"

namespace tallystick::jobs {

class Scheduler {
 public:
  // All must outlive it. `node`: of schedules that every node has for itself.
  Scheduler(
      records::Database& database, Queue& queue, access::AuditLog& audit, const base::Clock& clock, std::string node)
      : database_(database), queue_(queue), audit_(audit), clock_(clock), node_(std::move(node)) {}

  // Error codes: "bad_cron", "unknown_time_zone".
  [[nodiscard]] base::Result<void> add(const Schedule& schedule);
  // Tells the database of every schedule, before the first queue_due().
  [[nodiscard]] base::Result<void> store();
  // How many jobs were queued.
  [[nodiscard]] base::Result<int> queue_due();

  // By name.
  [[nodiscard]] base::Result<std::vector<ScheduleStatus>> list();
  // Error code: "schedule_not_found".
  [[nodiscard]] base::Result<Job> run_now(std::string_view name, const access::ChangeContext& context);

 private:
  struct Entry {
    Schedule schedule;
    std::string row_name;  // in the database
    Cron cron;
    base::TimeZone zone;
  };

  [[nodiscard]] base::Result<bool> queue_one(const Entry& entry, base::Timestamp seen);

  records::Database& database_;
  Queue& queue_;
  access::AuditLog& audit_;
  const base::Clock& clock_;
  const std::string node_;
  std::vector<Entry> entries_;
};

}  // namespace tallystick::jobs
