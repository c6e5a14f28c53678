#include "server/reconciliation_parts.h"

#include <chrono>
#include <thread>
#include <utility>

#include "settlement/reconciliation_variance.h"

namespace tallystick::server {
namespace {

void pause_us(std::int64_t us) {
  std::this_thread::sleep_for(std::chrono::microseconds(us));
}

settlement::ReconciliationService::Rooms service_rooms(const ReconciliationParts::Rooms& rooms,
                                                       settlement::PartnerDirectory& partners) {
  return {.database = rooms.database,
          .warehouse = rooms.warehouse == nullptr ? nullptr : &rooms.warehouse->warehouse(),
          .runs = rooms.runs,
          .partners = partners,
          .clock = rooms.clock,
          .durable = [&journal = rooms.journal, log_id = rooms.log_id]() -> std::optional<settlement::LogPosition> {
            return settlement::LogPosition{log_id, journal.size()};
          },
          .loaded = [parts = rooms.warehouse, log_id = rooms.log_id]() -> std::optional<settlement::LogPosition> {
            return parts == nullptr ? std::nullopt
                                    : std::optional(settlement::LogPosition{log_id, parts->loader().progress().loaded});
          },
          .pause = pause_us};
}

settlement::ReconciliationOptions service_options(const base::Config& config) {
  settlement::ReconciliationOptions options;
  options.time_zone = config.text("reports.time_zone");
  options.margin_days = config.integer("reconciliation.margin_days");
  options.warehouse_wait_us = config.integer("reconciliation.warehouse_wait_s") * base::kMicrosPerSecond;
  return options;
}

}  // namespace

base::Result<std::unique_ptr<ReconciliationParts>> ReconciliationParts::make(const Rooms& rooms) {
  TALLY_ASSIGN(const base::TimeZone zone, base::TimeZone::find(rooms.config.text("reports.time_zone")));
  return std::make_unique<ReconciliationParts>(rooms, zone);
}

ReconciliationParts::ReconciliationParts(const Rooms& rooms, const base::TimeZone& time_zone)
    : rooms_(rooms),
      partners_(rooms.partners),
      service_(service_rooms(rooms, partners_), service_options(rooms.config)),
      scheduler_({.database = rooms.database,
                  .queue = rooms.queue,
                  .service = service_,
                  .partners = partners_,
                  .clock = rooms.clock},
                 time_zone) {}

base::Result<void> ReconciliationParts::add_jobs(jobs::Runner& runner, settlement::ImportService& imports) {
  runner.add_handler(settlement::kReconcileJob, settlement::make_reconcile_handler(service_));
  runner.add_handler(settlement::kNightlyJob,
                     [this](jobs::JobContext& context) { return scheduler_.queue_nightly(context); });
  if (rooms_.config.boolean("reconciliation.on_import") && rooms_.warehouse != nullptr) {
    imports.set_on_complete(
        [this](soci::session& session, const settlement::ReportImport& import) -> base::Result<void> {
          TALLY_ASSIGN(const settlement::PartnerTerms terms, partners_.find(base::format_uuid(import.partner_id)));
          return scheduler_.queue_for_import(session, terms, import.id);
        });
  }
  const std::string& cron = rooms_.config.text("reconciliation.schedule");
  if (cron.empty() || rooms_.warehouse == nullptr) {
    return {};
  }
  return runner.add_schedule({.name = "nightly-reconciliation",
                              .cron = cron,
                              .time_zone = rooms_.config.text("reports.time_zone"),
                              .draft = {.kind = settlement::kNightlyJob}});
}

void ReconciliationParts::add_routes(http::Router& router,
                                     const std::function<http::Handler(http::Handler)>& make_idempotent) {
  settlement::add_reconciliation_routes(router,
                                        {.database = rooms_.database,
                                         .audit = rooms_.audit,
                                         .queue = rooms_.queue,
                                         .runs = rooms_.runs,
                                         .service = service_,
                                         .partners = partners_,
                                         .clock = rooms_.clock,
                                         .pause = pause_us},
                                        make_idempotent);
}

base::Result<std::optional<insights::PeriodVariance>> ReconciliationParts::find(const base::Uuid& partner_id,
                                                                                base::Date first,
                                                                                base::Date last) {
  using Found = std::optional<insights::PeriodVariance>;
  TALLY_ASSIGN(const auto known, settlement::load_variance(rooms_.runs, partner_id, {first, last}));
  return known ? Found({known->percent, known->reason}) : Found();
}

}  // namespace tallystick::server
