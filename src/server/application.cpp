#include "server/application.h"

#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "access/audit.h"
#include "access/gatekeeper.h"
#include "access/idempotency.h"
#include "access/principal_service.h"
#include "access/routes.h"
#include "access/service.h"
#include "alerts/service.h"
#include "base/file.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "capture/capture.h"
#include "capture/dead_letter_routes.h"
#include "capture/projector.h"
#include "capture/replay.h"
#include "capture/routes.h"
#include "crypto/ed25519.h"
#include "crypto/key_ring.h"
#include "engine/supervisor.h"
#include "exposure/routes.h"
#include "exposure/service.h"
#include "http/server.h"
#include "insights/routes.h"
#include "insights/service.h"
#include "journal/journal.h"
#include "journal/note.h"
#include "partners/coupon_service.h"
#include "partners/routes.h"
#include "partners/service.h"
#include "quality/judge.h"
#include "quality/rule_watcher.h"
#include "records/database.h"
#include "server/alert_connector.h"
#include "server/alert_parts.h"
#include "server/api_keys.h"
#include "server/background.h"
#include "server/catalog_refresher.h"
#include "server/coupon_watch.h"
#include "server/data_directory.h"
#include "server/health.h"
#include "server/health_checks.h"
#include "server/housekeeping.h"
#include "server/jobs_parts.h"
#include "server/journal_routes.h"
#include "server/link_routes.h"
#include "server/metric_sources.h"
#include "server/openapi.h"
#include "server/options.h"
#include "server/pages.h"
#include "server/privacy_routes.h"
#include "server/reconcile_parts.h"
#include "server/reconciliation_parts.h"
#include "server/settlement_parts.h"
#include "server/status_routes.h"
#include "server/warehouse_parts.h"

namespace tallystick::server {

// In the order of construction; destroyed the other way round, so that nothing outlives what it borrows.
struct Application::Parts {
  explicit Parts(const base::Config& settings) : config(settings), data(settings.text("data.directory")) {}

  // What everything stands on.
  const base::Config& config;
  DataDirectory data;
  base::SystemClock clock;
  base::SystemRandom random;
  std::unique_ptr<base::Log> log;

  // Keys before anything that signs, hashes or verifies.
  std::unique_ptr<crypto::Ed25519Key> log_key;
  std::unique_ptr<crypto::KeyRing> key_ring;

  // The system of record, and what people administer in it.
  std::unique_ptr<records::Database> database;
  std::unique_ptr<access::AuditLog> audit;
  std::unique_ptr<access::KeyService> keys;
  std::unique_ptr<access::PrincipalService> principals;
  std::unique_ptr<access::KeyGatekeeper> gatekeeper;
  std::unique_ptr<jobs::Queue> alert_queue;  // of the same table as the one of `jobs`, which needs alerts itself
  std::unique_ptr<alerts::AlertService> alerts;
  // Before the rooms that queue jobs; they add their handlers and schedules, and its workers start last.
  std::unique_ptr<JobsParts> jobs;
  std::unique_ptr<partners::PartnerService> partners;
  std::unique_ptr<ReconcileParts> reconciliation;
  std::unique_ptr<partners::CouponService> coupons;
  std::unique_ptr<exposure::ExposureService> exposure;
  std::unique_ptr<SettlementParts> settlement;

  // The log: after the database, so that a start that fails there leaves the log alone.
  std::unique_ptr<journal::Journal> journal;

  // The warehouse's engine, in a process of its own: it may come up, fail and come back while capture goes on.
  std::unique_ptr<engine::Supervisor> engine;

  // Verdicts: rules are read before the first event is judged.
  quality::Judge judge;
  std::unique_ptr<quality::RuleWatcher> rules;

  // Capture reads a snapshot of the records, never the records.
  std::unique_ptr<CatalogRefresher> catalog;
  std::unique_ptr<capture::Capture> capture;

  // Behind the log: what is derived from it.
  std::unique_ptr<AlertConnector> alert_connector;
  std::unique_ptr<capture::Projector> projector;
  std::unique_ptr<capture::Replayer> replayer;
  std::unique_ptr<WarehouseParts> warehouse;                    // null: switched off
  std::unique_ptr<ReconciliationParts> partner_reconciliation;  // what partners report, held against the warehouse
  std::unique_ptr<insights::InsightsService> insights;
  std::unique_ptr<AlertParts> alert_parts;

  // The way in, and what is told about all of the above.
  base::Metrics metrics;
  Health health;
  http::Router router;
  std::unique_ptr<http::Server> server;

  // Last: threads that use everything.
  std::unique_ptr<Background> background;

  base::Result<void> open_keys();
  base::Result<void> open_records();
  base::Result<void> open_journal();
  void start_engine(const StartOptions& options);
  base::Result<void> prepare_capture();
  base::Result<void> prepare_projection();
  base::Result<void> prepare_warehouse();
  base::Result<void> prepare_jobs();
  void add_routes();
  void add_metrics_and_health();
  base::Result<void> listen();
  void start_background();
  base::Result<void> hand_out_keys(const StartOptions& options);
};

base::Result<void> Application::Parts::open_keys() {
  TALLY_TRY(base::make_folder(data.root(), 0700));
  TALLY_TRY(base::make_folder(data.keys(), 0700));
  TALLY_ASSIGN(const crypto::Ed25519Seed seed, crypto::load_or_make_seed(data.log_key_file(), random));
  log_key = std::make_unique<crypto::Ed25519Key>(seed);
  TALLY_ASSIGN(key_ring, crypto::KeyRing::open(data.key_ring_file(), clock, random));
  return {};
}

base::Result<void> Application::Parts::open_records() {
  TALLY_ASSIGN(database, records::Database::open(database_options(config, data)));
  TALLY_ASSIGN(const int version, database->migrate(clock.now()));
  log->info("records opened", {{"schema", version}});
  audit = std::make_unique<access::AuditLog>(clock, random);
  keys = std::make_unique<access::KeyService>(*database, *audit, clock, random);
  principals = std::make_unique<access::PrincipalService>(*database, *audit, clock, random);
  gatekeeper = std::make_unique<access::KeyGatekeeper>(*keys, clock, rate_limits(config));
  alert_queue = std::make_unique<jobs::Queue>(*database, *audit, clock, random);
  alerts = std::make_unique<alerts::AlertService>(*database, *audit, alert_queue.get(), *log, clock, random);
  partners = std::make_unique<partners::PartnerService>(*database, *audit, clock, random);
  reconciliation = std::make_unique<ReconcileParts>(
      ReconcileParts::Rooms{*database, *audit, *alerts, *partners, *log, clock, random});
  coupons = std::make_unique<partners::CouponService>(*database, *audit, clock, random);
  exposure = std::make_unique<exposure::ExposureService>(*database, *audit, clock, random);
  TALLY_ASSIGN(jobs,
               JobsParts::make({.config = config,
                                .database = *database,
                                .audit = *audit,
                                .alerts = *alerts,
                                .log = *log,
                                .clock = clock,
                                .random = random},
                               data));
  return {};
}

base::Result<void> Application::Parts::open_journal() {
  const std::int64_t start_us = clock.monotonic_us();
  TALLY_ASSIGN(journal, journal::Journal::open(journal_options(config, data), clock, random, *log_key));
  log->info("journal opened",
            {{"records", journal->size()},
             {"sync", config.text("journal.sync")},
             {"milliseconds", (clock.monotonic_us() - start_us) / base::kMicrosPerMilli}});
  return {};
}

void Application::Parts::start_engine(const StartOptions& options) {
  const bool is_wanted = config.boolean("engine.enabled") && config.text("warehouse.url").empty();
  if (!options.binary.empty() && is_wanted) {
    engine = std::make_unique<engine::Supervisor>(engine_options(config, data, options.binary), *log);
  }
}

base::Result<void> Application::Parts::prepare_capture() {
  rules = std::make_unique<quality::RuleWatcher>(
      quality::RuleSetLoader(quality::CrawlerMatcher::make_embedded(), config.text("quality.config_file")),
      clock,
      [this](std::shared_ptr<const quality::RuleSet> set) { judge.set_rules(std::move(set)); });
  TALLY_TRY(rules->start());
  catalog = std::make_unique<CatalogRefresher>(*partners, *exposure, make_key_source(*keys, clock));
  TALLY_ASSIGN([[maybe_unused]] const bool is_loaded, catalog->refresh());
  capture = std::make_unique<capture::Capture>(
      capture::CaptureRooms{*journal, judge, *key_ring, *catalog, clock, random}, capture_settings(config));
  return {};
}

base::Result<void> Application::Parts::prepare_projection() {
  alert_connector = std::make_unique<AlertConnector>(*alerts, *log);
  projector = std::make_unique<capture::Projector>(*capture, *database, *alert_connector);
  TALLY_TRY(projector->start());
  replayer = std::make_unique<capture::Replayer>(*capture, *database);
  return {};
}

base::Result<void> Application::Parts::prepare_warehouse() {
  const auto log_id = journal::make_verifier_key(config.text("journal.origin"), log_key->public_key()).hash;
  TALLY_ASSIGN(warehouse,
               WarehouseParts::make({.config = config,
                                     .journal = *journal,
                                     .log_id = log_id,
                                     .database = *database,
                                     .audit = *audit,
                                     .alerts = *alerts,
                                     .partners = *partners,
                                     .exposure = *exposure,
                                     .log = *log,
                                     .clock = clock},
                                    engine.get()));
  auto& runs = reconciliation->runs();
  const ReconciliationParts::Rooms rooms{
      config, *journal, log_id, *database, *audit, warehouse.get(), runs, jobs->queue(), *partners, clock};
  TALLY_ASSIGN(partner_reconciliation, ReconciliationParts::make(rooms));
  auto* const store = warehouse ? &warehouse->warehouse() : nullptr;
  insights = std::make_unique<insights::InsightsService>(
      store, clock, config.text("reports.time_zone"), partner_reconciliation.get());
  return {};
}

// What happens at its time, or because somebody queued it: the one place where rooms add handlers and schedules.
base::Result<void> Application::Parts::prepare_jobs() {
  TALLY_ASSIGN(alert_parts,
               AlertParts::make({.config = config,
                                 .database = *database,
                                 .audit = *audit,
                                 .queue = jobs->queue(),
                                 .alerts = *alerts,
                                 .insights = *insights,
                                 .log = *log,
                                 .clock = clock,
                                 .random = random}));
  alert_parts->add_check(reconciliation->discrepancy_check());
  TALLY_TRY(alert_parts->add_jobs(jobs->runner()));
  TALLY_ASSIGN(settlement,
               SettlementParts::make({.config = config,
                                      .data = data,
                                      .database = *database,
                                      .audit = *audit,
                                      .partners = *partners,
                                      .queue = jobs->queue(),
                                      .node = jobs->node(),
                                      .log = *log,
                                      .clock = clock,
                                      .random = random}));
  TALLY_TRY(settlement->add_jobs(jobs->runner()));
  TALLY_TRY(partner_reconciliation->add_jobs(jobs->runner(), settlement->imports()));
  TALLY_TRY(jobs->add_retention(*journal));
  return add_coupon_watch(jobs->runner(), *coupons, *alerts, config);
}

void Application::Parts::add_routes() {
  const auto make_idempotent = [this](http::Handler handler) {
    return access::make_idempotent(*database, clock, std::move(handler));
  };
  capture::add_routes(router);
  capture::add_dead_letter_routes(router, *database, *replayer);
  partners::add_partner_routes(router, *partners, make_idempotent);
  partners::add_coupon_routes(router, *coupons, make_idempotent);
  exposure::add_exposure_routes(router, *exposure, make_idempotent);
  const access::RouteSources access_sources{*principals, *keys, *database, clock};
  access::add_principal_routes(router, access_sources);
  access::add_key_routes(router, access_sources);
  access::add_audit_routes(router, *database);
  jobs->add_routes(router, make_idempotent);
  alert_parts->add_routes(router, make_idempotent);
  reconciliation->add_routes(router, make_idempotent);
  settlement->add_routes(router, make_idempotent);
  partner_reconciliation->add_routes(router, make_idempotent);
  add_journal_routes(
      router,
      *journal,
      journal::format_verifier_key(journal::make_verifier_key(config.text("journal.origin"), log_key->public_key())));
  add_link_routes(router, {*catalog, *key_ring, clock, random, [this] {
                             return public_url(config, server->port());
                           }});
  add_privacy_routes(router, {*journal, *database, *audit, *key_ring});
  add_status_routes(router, health, metrics, config.boolean("metrics.public"));
  add_page_routes(router);
  add_openapi_route(router, public_url(config, static_cast<std::uint16_t>(config.integer("http.port"))));
  insights::add_routes(router, *insights);
  if (warehouse) {
    warehouse->add_routes(router);
  }
}

void Application::Parts::add_metrics_and_health() {
  add_build_metrics(metrics);
  add_access_metrics(metrics, *gatekeeper);
  add_journal_metrics(metrics, *journal);
  add_quality_metrics(metrics, judge);
  capture::add_metrics(metrics, capture->statistics());
  add_health_checks(health, {*journal, *database, *catalog, *rules, judge});
  jobs->add_metrics(metrics);
  jobs->add_health(health);
  alert_parts->add_metrics(metrics);
  if (engine) {
    add_engine_metrics(metrics, *engine);
    add_engine_health(health, *engine);
  }
  if (warehouse) {
    warehouse->add_metrics(metrics);
    warehouse->add_health(health);
  }
}

base::Result<void> Application::Parts::listen() {
  TALLY_ASSIGN(http::ServerOptions options, http_options(config));
  options.log = log.get();
  TALLY_ASSIGN(server, http::Server::start(options, router, *gatekeeper, capture->worker_factory()));
  add_http_metrics(metrics, *server);
  log->info("listening", {{"address", options.address}, {"port", server->port()}, {"reactors", options.reactors}});
  return {};
}

void Application::Parts::start_background() {
  background = std::make_unique<Background>(*log);
  background->every(
      "catalog", config.integer("catalog.refresh_interval_ms") * base::kMicrosPerMilli, [this]() -> base::Result<void> {
        TALLY_ASSIGN([[maybe_unused]] const bool is_changed, catalog->refresh());
        return {};
      });
  background->every("rules", quality::RuleWatcher::kPollIntervalUs, [this]() -> base::Result<void> {
    rules->poll();
    TALLY_ASSIGN([[maybe_unused]] const bool has_new_keys, key_ring->reload());
    return {};
  });
  background->every(
      "audit", base::kMicrosPerSecond, [this] { return journal_audit_digests(*database, *journal, clock); });
  background->run("projector", [this](const std::stop_token& token) -> base::Result<void> {
    projector->run(token,
                   [this](const base::Error& error) { log->error("projection failed, to be tried again", error); });
    return {};
  });
  if (warehouse) {
    warehouse->start(*background);
  }
  background->run("leftovers", [this](const std::stop_token&) { return reconciliation->remove_leftovers(); });
  jobs->start();
}

base::Result<void> Application::Parts::hand_out_keys(const StartOptions& options) {
  TALLY_ASSIGN(const auto admin, keys->create_first_admin_key());
  if (admin) {
    options.announce(fmt::format(
        "First start: this is the administrator's API key. It is shown once; keep it.\n\n    {}\n", admin->secret));
  }
  if (options.with_demo_key && !std::filesystem::exists(data.demo_key_file())) {
    TALLY_ASSIGN(const access::NewApiKey demo, keys->create(demo_key_draft(), {"system", "serve --demo-key", ""}));
    TALLY_TRY(base::write_file_atomically(data.demo_key_file(), demo.secret + "\n", 0600));
  }
  return {};
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Application::~Application() {
  stop();
}

base::Result<std::unique_ptr<Application>> Application::start(const base::Config& config, const StartOptions& options) {
  auto parts = std::make_unique<Parts>(config);
  TALLY_ASSIGN(const base::LogOptions logging, log_options(config));
  parts->log = std::make_unique<base::Log>(logging, parts->clock);
  raise_open_file_limit(config, *parts->log);
  TALLY_TRY(parts->open_keys());
  TALLY_TRY(parts->open_records());
  TALLY_TRY(parts->open_journal());
  TALLY_TRY(parts->hand_out_keys(options));
  parts->start_engine(options);
  TALLY_TRY(parts->prepare_capture());
  TALLY_TRY(parts->prepare_projection());
  TALLY_TRY(parts->prepare_warehouse());
  TALLY_TRY(parts->prepare_jobs());
  parts->add_routes();
  parts->add_metrics_and_health();
  TALLY_TRY(parts->listen());
  parts->start_background();
  auto application = std::unique_ptr<Application>(new Application(std::move(parts)));
  TALLY_TRY(base::write_file_atomically(application->parts_->data.address_file(), application->local_url() + "\n"));
  return application;
}

std::uint16_t Application::port() const {
  return parts_->server->port();
}

const http::Router& Application::router() const {
  return parts_->router;
}

std::string Application::local_url() const {
  const std::string& address = parts_->config.text("http.address");
  const std::string host = address == "0.0.0.0" || address == "::"  ? "127.0.0.1"
                           : address.find(':') != std::string::npos ? "[" + address + "]"
                                                                    : address;
  return fmt::format(
      "{}://{}:{}", parts_->config.text("http.tls_certificate_file").empty() ? "http" : "https", host, port());
}

void Application::stop() {
  if (!parts_->server) {
    return;
  }
  parts_->log->info("stopping");
  std::error_code ignored;
  std::filesystem::remove(parts_->data.address_file(), ignored);
  parts_->server->stop();  // answers what was accepted
  parts_->jobs->stop();
  parts_->background->stop();  // nothing appends any more but what follows
  if (const auto handed = journal_audit_digests(*parts_->database, *parts_->journal, parts_->clock); !handed) {
    parts_->log->error("audit digests stay for the next start", handed.error());
  }
  const std::uint64_t records = parts_->journal->size();
  parts_->server.reset();  // the last forwarding records are appended here
  parts_->replayer.reset();
  parts_->projector.reset();
  parts_->insights.reset();
  parts_->warehouse.reset();
  parts_->capture.reset();
  parts_->engine.reset();
  parts_->journal.reset();  // syncs and signs the last checkpoint
  parts_->log->info("stopped", {{"records", records}});
}

}  // namespace tallystick::server
