#pragma once
// The warehouse and the loader that keeps it level with the log, connected to the rooms that they need: the catalog as
// dimensions, alerts, metrics, health, routes. Thread-safe once started.

#include <atomic>
#include <cstdint>
#include <memory>

#include "access/audit.h"
#include "alerts/service.h"
#include "base/config.h"
#include "base/log.h"
#include "base/metrics.h"
#include "engine/supervisor.h"
#include "exposure/service.h"
#include "http/router.h"
#include "journal/journal.h"
#include "partners/service.h"
#include "records/database.h"
#include "server/background.h"
#include "server/health.h"
#include "warehouse/loader.h"
#include "warehouse/warehouse.h"

namespace tallystick::server {

class WarehouseParts {
 public:
  // All outlive it.
  struct Rooms {
    const base::Config& config;
    const journal::Journal& journal;
    std::uint32_t log_id;  // VerifierKey::hash
    records::Database& database;
    access::AuditLog& audit;
    alerts::AlertService& alerts;
    partners::PartnerService& partners;
    exposure::ExposureService& exposure;
    base::Log& log;
    const base::Clock& clock;
  };

  // Null when it is switched off, or when there is neither an engine of ours nor a URL.
  [[nodiscard]] static base::Result<std::unique_ptr<WarehouseParts>> make(const Rooms& rooms,
                                                                          const engine::Supervisor* engine);
  WarehouseParts(const Rooms& rooms, const warehouse::Options& options);

  void add_routes(http::Router& router);
  void add_metrics(base::Metrics& metrics);
  void add_health(Health& health);
  void start(Background& background);

  [[nodiscard]] warehouse::Warehouse& warehouse() { return warehouse_; }
  [[nodiscard]] warehouse::Loader& loader() { return loader_; }

 private:
  [[nodiscard]] base::Result<void> watch_lag();
  [[nodiscard]] http::Response answer_rebuild(const http::Request& request);

  const Rooms rooms_;
  const double lag_limit_seconds_;
  warehouse::Warehouse warehouse_;
  warehouse::Loader loader_;
  int turns_behind_ = 0;  // of watch_lag()
};

}  // namespace tallystick::server
