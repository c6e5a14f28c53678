#pragma once
// Alerts connected: channels, how they are told, the hourly checks, and the jobs that do both. Thread-safe once its
// handlers were added.

#include <functional>
#include <memory>
#include <utility>

#include "access/audit.h"
#include "alerts/channel_service.h"
#include "alerts/checks.h"
#include "alerts/deliveries.h"
#include "alerts/notifier.h"
#include "alerts/routes.h"
#include "alerts/service.h"
#include "base/config.h"
#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "http/router.h"
#include "insights/service.h"
#include "jobs/queue.h"
#include "jobs/runner.h"
#include "records/database.h"

namespace tallystick::server {

// Error code: "bad_configuration" (no sender, or a password that would travel unencrypted).
[[nodiscard]] base::Result<alerts::NotifierOptions> notifier_options(const base::Config& config);

class AlertParts {
 public:
  // All outlive it.
  struct Rooms {
    const base::Config& config;
    records::Database& database;
    access::AuditLog& audit;
    jobs::Queue& queue;
    alerts::AlertService& alerts;
    insights::InsightsService& insights;
    base::Log& log;
    const base::Clock& clock;
    base::Random& random;
  };

  // Error code: "bad_configuration".
  [[nodiscard]] static base::Result<std::unique_ptr<AlertParts>> make(const Rooms& rooms);
  AlertParts(const Rooms& rooms, alerts::NotifierOptions options);

  void add_routes(http::Router& router, const alerts::MakeIdempotent& make_idempotent);
  void add_metrics(base::Metrics& metrics);
  // Of another room; before the runner starts.
  void add_check(alerts::Check check) { checks_.add(std::move(check)); }
  // Before the runner starts. The parts must outlive it.
  [[nodiscard]] base::Result<void> add_jobs(jobs::Runner& runner);

 private:
  const Rooms rooms_;
  const alerts::Notifier notifier_;
  alerts::ChannelService channels_;
  alerts::Deliverer deliverer_;
  alerts::Checks checks_;
};

}  // namespace tallystick::server
