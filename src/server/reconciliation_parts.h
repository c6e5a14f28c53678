#pragma once
// Reconciliation with partners, connected to the rooms that it needs: the warehouse and how far the log is, report
// rows, runs, jobs, the partner report of room `insights`. Thread-safe once made.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "access/audit.h"
#include "base/config.h"
#include "base/time_zone.h"
#include "http/router.h"
#include "insights/variance.h"
#include "jobs/queue.h"
#include "jobs/runner.h"
#include "journal/journal.h"
#include "partners/service.h"
#include "reconcile/run_service.h"
#include "records/database.h"
#include "server/partner_directory.h"
#include "server/warehouse_parts.h"
#include "settlement/import_service.h"
#include "settlement/reconciliation_job.h"
#include "settlement/reconciliation_routes.h"
#include "settlement/reconciliation_service.h"

namespace tallystick::server {

class ReconciliationParts final : public insights::VarianceSource {
 public:
  // All outlive it.
  struct Rooms {
    const base::Config& config;
    const journal::Journal& journal;
    std::uint32_t log_id;  // VerifierKey::hash
    records::Database& database;
    access::AuditLog& audit;
    WarehouseParts* warehouse;  // null: there is none
    reconcile::RunService& runs;
    jobs::Queue& queue;
    partners::PartnerService& partners;
    const base::Clock& clock;
  };

  // Error code: "unknown_time_zone".
  [[nodiscard]] static base::Result<std::unique_ptr<ReconciliationParts>> make(const Rooms& rooms);
  ReconciliationParts(const Rooms& rooms, const base::TimeZone& time_zone);

  // Handlers and the nightly schedule; what every import queues. Before the runner starts.
  [[nodiscard]] base::Result<void> add_jobs(jobs::Runner& runner, settlement::ImportService& imports);
  void add_routes(http::Router& router, const std::function<http::Handler(http::Handler)>& make_idempotent);

  [[nodiscard]] base::Result<std::optional<insights::PeriodVariance>> find(const base::Uuid& partner_id,
                                                                           base::Date first,
                                                                           base::Date last) override;

 private:
  const Rooms rooms_;
  PartnerDirectory partners_;
  settlement::ReconciliationService service_;
  settlement::ReconciliationScheduler scheduler_;
};

}  // namespace tallystick::server
