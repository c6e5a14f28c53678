#pragma once
// Settlement with partners, connected to the rooms that it needs: report profiles, imports and their job, routes.
// Thread- safe once made.

#include <memory>
#include <string>

#include "access/audit.h"
#include "base/config.h"
#include "base/log.h"
#include "base/random.h"
#include "http/router.h"
#include "jobs/queue.h"
#include "jobs/runner.h"
#include "partners/service.h"
#include "records/database.h"
#include "server/data_directory.h"
#include "server/partner_directory.h"
#include "settlement/import_routes.h"
#include "settlement/import_service.h"
#include "settlement/profile_library.h"
#include "settlement/upload_files.h"

namespace tallystick::server {

class SettlementParts {
 public:
  // All outlive it.
  struct Rooms {
    const base::Config& config;
    const DataDirectory& data;
    records::Database& database;
    access::AuditLog& audit;
    partners::PartnerService& partners;
    jobs::Queue& queue;
    const std::string& node;  // this one's name
    base::Log& log;
    const base::Clock& clock;
    base::Random& random;
  };

  // Error codes: those of ProfileLibrary::load().
  [[nodiscard]] static base::Result<std::unique_ptr<SettlementParts>> make(const Rooms& rooms);
  SettlementParts(const Rooms& rooms, settlement::ProfileLibrary profiles);

  // Handlers and schedules; before the runner starts.
  [[nodiscard]] base::Result<void> add_jobs(jobs::Runner& runner);
  void add_routes(http::Router& router, const settlement::MakeIdempotent& make_idempotent);

  [[nodiscard]] settlement::PartnerDirectory& partners() { return partners_; }
  [[nodiscard]] settlement::ImportService& imports() { return imports_; }

 private:
  const settlement::ProfileLibrary profiles_;
  PartnerDirectory partners_;
  settlement::UploadFiles files_;
  settlement::ImportService imports_;
};

}  // namespace tallystick::server
