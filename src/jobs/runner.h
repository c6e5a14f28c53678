#pragma once
// Runs jobs on threads of its own, and queues what schedules ask for. A lease is extended by a heartbeat while a
// handler works; a failed attempt is tried again with back-off; an error of kind kInvalid, kUnprocessable, kNotFound,
// kForbidden or kTooLarge is final at once. Handlers are added before start(). Thread-safe.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "jobs/model.h"
#include "jobs/queue.h"

namespace tallystick::jobs {

// What a handler gets. One job, one thread.
class JobContext {
 public:
  virtual ~JobContext() = default;
  [[nodiscard]] virtual const Job& job() const = 0;
  // Cheap: written to the database once a second at most.
  virtual void set_progress(const Progress& progress) = 0;
  // Somebody cancelled it, its lease is lost, or the server stops: return soon, leaving nothing half done.
  [[nodiscard]] virtual bool is_cancelled() const = 0;
};

// The result as a JSON object, or the error of this attempt.
using Handler = std::function<base::Result<std::string>(JobContext&)>;

// A job at the times of a cron expression ("0 3 * * *": minute, hour, day of month, month, day of week) in a time zone;
// across all nodes one job per time.
struct Schedule {
  std::string name;  // "nightly-reconciliation"
  std::string cron;
  std::string time_zone = "UTC";  // IANA
  // What is queued. Without a dedupe_key of its own it gets the schedule's: no second one while one is under way.
  Draft draft;
  // On every node one job per time instead, for what tends a node's own files; Draft::node is set.
  bool is_per_node = false;
};

struct ScheduleStatus {
  Schedule schedule;
  base::Timestamp next_at;
  base::Timestamp last_at;  // the time of the schedule that was queued last; zero: none yet
  std::string last_job_id;  // empty: none yet
};

// Told of every job that died, at least once; an error has it told again a little later.
using DeathObserver = std::function<base::Result<void>(const Job&)>;

// Attempts that ended here since the start, by kind and by the state that the job then had: "queued" is one that will
// be tried again.
struct EndedCount {
  std::string kind;
  State state = State::kDone;
  std::uint64_t count = 0;
};

struct RunnerStatus {
  unsigned threads = 0;
  std::size_t running = 0;  // here
  std::string error = {};   // why the queue could not be read at the last turn; empty: it could
};

struct RunnerOptions {
  unsigned threads = 2;
  // Its name, for Draft::node and leases, of letters, digits, "." "-" "_"; no two at a time have the same. Whatever a
  // runner of this name had leased is taken for abandoned at start(). Empty: it has none, and waits for leases to end.
  std::string node = {};
  std::int64_t lease_us = 60 * base::kMicrosPerSecond;
  std::int64_t poll_interval_us = base::kMicrosPerSecond / 2;
};

class Runner {
 public:
  // All must outlive it, and what Queue stands on too.
  Runner(Queue& queue, base::Log& log, const RunnerOptions& options);
  // stop().
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void add_handler(std::string kind, Handler handler);
  // Error codes: "bad_cron", "unknown_time_zone".
  [[nodiscard]] base::Result<void> add_schedule(const Schedule& schedule);
  void set_death_observer(DeathObserver observer);
  void start();
  // What runs is asked to stop and waited for; an attempt that is stopped so does not count.
  void stop();

  // By name; those that were added here.
  [[nodiscard]] base::Result<std::vector<ScheduleStatus>> schedules();
  // Queues the schedule's job now, in the name of who asks; one that is under way already is answered as it is. Error
  // code: "schedule_not_found".
  [[nodiscard]] base::Result<Job> run_schedule(std::string_view name, const access::ChangeContext& context);

  [[nodiscard]] std::vector<EndedCount> ended_counts() const;
  [[nodiscard]] RunnerStatus status() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::jobs
