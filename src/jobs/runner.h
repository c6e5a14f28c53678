#pragma once
// Runs jobs on threads of its own, and queues what schedules ask for. A lease is extended by a heartbeat while a
// handler works; a failed attempt is tried again with back-off; an error of kind kInvalid, kUnprocessable, kNotFound,
// kForbidden or kTooLarge is final at once. Handlers are added before start(). Thread-safe.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

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
  Draft draft;
};

struct RunnerOptions {
  unsigned threads = 2;
  std::string node = {};  // its name, for Draft::node and leases
  std::int64_t lease_us = 60 * base::kMicrosPerSecond;
  std::int64_t poll_interval_us = base::kMicrosPerSecond / 2;
};

class Runner {
 public:
  // All must outlive it.
  Runner(Queue& queue, base::Log& log, const RunnerOptions& options);
  // stop().
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void add_handler(std::string kind, Handler handler);
  // Error codes: "bad_cron", "unknown_time_zone".
  [[nodiscard]] base::Result<void> add_schedule(const Schedule& schedule);
  void start();
  // What runs is asked to stop and waited for; an attempt that is stopped so does not count.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::jobs
