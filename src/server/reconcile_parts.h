#pragma once
// Reconciliation runs and discrepancies, connected: partners by their names, the hourly check of what is due, what a
// crash left. Thread-safe.

#include <string>
#include <string_view>

#include "access/audit.h"
#include "alerts/checks.h"
#include "alerts/service.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "http/router.h"
#include "partners/service.h"
#include "reconcile/routes.h"
#include "reconcile/run_service.h"
#include "records/database.h"

namespace tallystick::server {

class ReconcileParts {
 public:
  // All outlive it.
  struct Rooms {
    records::Database& database;
    access::AuditLog& audit;
    alerts::AlertService& alerts;
    partners::PartnerService& partners;
    base::Log& log;
    const base::Clock& clock;
    base::Random& random;
  };

  explicit ReconcileParts(const Rooms& rooms)
      : rooms_(rooms), runs_(rooms.database, rooms.audit, rooms.alerts, rooms.clock, rooms.random) {}

  [[nodiscard]] reconcile::RunService& runs() { return runs_; }
  void add_routes(http::Router& router, const reconcile::MakeIdempotent& make_idempotent);
  // Makes up for alerts that were not told, and finds what is due. The parts must outlive it.
  [[nodiscard]] alerts::Check discrepancy_check();
  // Once, at start.
  [[nodiscard]] base::Result<void> remove_leftovers();

 private:
  [[nodiscard]] base::Result<std::string> resolve_subject(std::string_view text);

  const Rooms rooms_;
  reconcile::RunService runs_;
};

}  // namespace tallystick::server
