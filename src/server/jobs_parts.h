#pragma once
// The job queue and its workers, connected to the rooms that they need: alerts for jobs that died, metrics, health,
// routes, and the schedules of what the server does by itself. Handlers and schedules of other rooms are added to
// runner() while the server is composed, before start(). Thread-safe once started.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "access/audit.h"
#include "alerts/service.h"
#include "base/config.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/router.h"
#include "jobs/queue.h"
#include "jobs/routes.h"
#include "jobs/runner.h"
#include "journal/journal.h"
#include "records/database.h"
#include "server/data_directory.h"
#include "server/health.h"

namespace tallystick::server {

class JobsParts {
 public:
  // All outlive it.
  struct Rooms {
    const base::Config& config;
    records::Database& database;
    access::AuditLog& audit;
    alerts::AlertService& alerts;
    base::Log& log;
    const base::Clock& clock;
    base::Random& random;
  };

  // Error codes: "bad_node_name", or that the data directory cannot be written.
  [[nodiscard]] static base::Result<std::unique_ptr<JobsParts>> make(const Rooms& rooms, const DataDirectory& data);
  JobsParts(const Rooms& rooms, std::string node);

  // For Draft::node of jobs that need a file of this machine.
  [[nodiscard]] const std::string& node() const { return node_; }
  [[nodiscard]] jobs::Queue& queue() { return queue_; }
  [[nodiscard]] jobs::Runner& runner() { return runner_; }

  // The job "retention", hourly on every node: what the journal and the queue itself no longer keep.
  [[nodiscard]] base::Result<void> add_retention(journal::Journal& journal);
  void add_routes(http::Router& router, const jobs::MakeIdempotent& make_idempotent);
  void add_metrics(base::Metrics& metrics);
  void add_health(Health& health);

  void start() { runner_.start(); }
  // Before anything that handlers use is taken away.
  void stop() { runner_.stop(); }

 private:
  [[nodiscard]] base::Result<void> tell_death(const jobs::Job& job);
  [[nodiscard]] base::Result<jobs::QueueStatistics> statistics();

  const Rooms rooms_;
  const std::string node_;
  jobs::Queue queue_;
  jobs::Runner runner_;
  // One scrape asks for several figures.
  std::mutex mutex_;
  std::int64_t counted_at_us_ = 0;
  base::Result<jobs::QueueStatistics> counted_;
};

}  // namespace tallystick::server
