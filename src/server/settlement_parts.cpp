#include "server/settlement_parts.h"

#include <utility>

namespace tallystick::server {
namespace {

settlement::ImportLimits import_limits(const base::Config& config) {
  settlement::ImportLimits limits;
  limits.max_rows = config.integer("settlement.max_report_rows");
  return limits;
}

settlement::UploadLimits upload_limits(const base::Config& config) {
  settlement::UploadLimits limits;
  limits.max_file_bytes = config.integer("settlement.max_file_bytes");
  return limits;
}

}  // namespace

base::Result<std::unique_ptr<SettlementParts>> SettlementParts::make(const Rooms& rooms) {
  TALLY_ASSIGN(settlement::ProfileLibrary profiles,
               settlement::ProfileLibrary::load(rooms.config.text("settlement.profile_directory")));
  return std::make_unique<SettlementParts>(rooms, std::move(profiles));
}

SettlementParts::SettlementParts(const Rooms& rooms, settlement::ProfileLibrary profiles)
    : profiles_(std::move(profiles)),
      partners_(rooms.partners),
      files_(rooms.data.reports(), upload_limits(rooms.config), rooms.clock, rooms.random),
      imports_({.database = rooms.database,
                .audit = rooms.audit,
                .queue = rooms.queue,
                .partners = partners_,
                .profiles = profiles_,
                .files = files_,
                .log = rooms.log,
                .clock = rooms.clock,
                .random = rooms.random},
               {.node = rooms.node, .limits = import_limits(rooms.config)}) {}

base::Result<void> SettlementParts::add_jobs(jobs::Runner& runner) {
  TALLY_TRY(imports_.tidy());
  runner.add_handler(std::string(settlement::kImportJobKind),
                     [this](jobs::JobContext& job) { return imports_.run_job(job); });
  return {};
}

void SettlementParts::add_routes(http::Router& router, const settlement::MakeIdempotent& make_idempotent) {
  settlement::add_import_routes(router, imports_, make_idempotent);
  settlement::add_upload_routes(router, imports_, make_idempotent);
}

}  // namespace tallystick::server
