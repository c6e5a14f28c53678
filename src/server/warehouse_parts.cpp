#include "server/warehouse_parts.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <soci/soci.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/options.h"
#include "warehouse/routes.h"

namespace tallystick::server {
namespace {

namespace json = boost::json;

constexpr int kLoaderNice = 10;  // capture comes first
constexpr std::int64_t kWatchIntervalUs = 5 * base::kMicrosPerSecond;
constexpr int kTurnsUntilAlert = 3;  // one late turn is a pause of the disk, not news

warehouse::LoadLimits load_limits(const base::Config& config) {
  warehouse::LoadLimits limits;
  limits.batch_rows = static_cast<std::size_t>(config.integer("warehouse.batch_rows"));
  limits.flush_interval_us = config.integer("warehouse.flush_interval_ms") * base::kMicrosPerMilli;
  return limits;
}

warehouse::Dimensions convert(const partners::Snapshot& partners, const exposure::Snapshot& exposure) {
  warehouse::Dimensions out;
  for (const exposure::Placement& placement : exposure.placements) {
    out.placements.push_back({.id = placement.id,
                              .slug = placement.slug,
                              .name = placement.name,
                              .status = std::string(exposure::name_of(placement.status)),
                              .max_slots = static_cast<std::uint32_t>(placement.max_slots),
                              .vertical = placement.vertical,
                              .version = static_cast<std::uint64_t>(placement.version)});
  }
  for (const exposure::Merchant& merchant : exposure.merchants) {
    out.merchants.push_back({.id = merchant.id,
                             .slug = merchant.slug,
                             .name = merchant.name,
                             .status = std::string(exposure::name_of(merchant.status)),
                             .version = static_cast<std::uint64_t>(merchant.version)});
  }
  for (const partners::Partner& partner : partners.partners) {
    out.partners.push_back({.id = partner.id,
                            .slug = partner.slug,
                            .name = partner.name,
                            .status = std::string(partners::name_of(partner.status)),
                            .network = std::string(partners::name_of(partner.network)),
                            .currency = std::string(partner.currency.text()),
                            .time_zone = partner.time_zone,
                            .version = static_cast<std::uint64_t>(partner.version)});
  }
  for (const partners::Link& link : partners.links) {
    out.links.push_back({.id = link.id,
                         .partner_id = link.partner_id,
                         .slug = link.slug,
                         .status = std::string(partners::name_of(link.status)),
                         .placement_id = link.placement_id.value_or(base::Uuid{}),
                         .version = static_cast<std::uint64_t>(link.version)});
  }
  return out;
}

warehouse::LoaderHooks make_hooks(const WarehouseParts::Rooms& rooms) {
  warehouse::LoaderHooks hooks;
  hooks.catalog_revision = [&partners = rooms.partners, &exposure = rooms.exposure]() -> base::Result<std::int64_t> {
    TALLY_ASSIGN(const std::int64_t of_partners, partners.revision());
    TALLY_ASSIGN(const std::int64_t of_exposure, exposure.revision());
    return of_partners + of_exposure;  // both only count up
  };
  hooks.load_dimensions = [&partners = rooms.partners,
                           &exposure = rooms.exposure]() -> base::Result<warehouse::Dimensions> {
    TALLY_ASSIGN(const partners::Snapshot all_partners, partners.load_all());
    TALLY_ASSIGN(const exposure::Snapshot all_exposure, exposure.load_all());
    return convert(all_partners, all_exposure);
  };
  return hooks;
}

}  // namespace

base::Result<std::unique_ptr<WarehouseParts>> WarehouseParts::make(const Rooms& rooms,
                                                                   const engine::Supervisor* engine) {
  if (!rooms.config.boolean("warehouse.enabled") || (engine == nullptr && rooms.config.text("warehouse.url").empty())) {
    return nullptr;
  }
  TALLY_ASSIGN(const warehouse::Options options, warehouse_options(rooms.config, engine));
  return std::make_unique<WarehouseParts>(rooms, options);
}

WarehouseParts::WarehouseParts(const Rooms& rooms, const warehouse::Options& options)
    : rooms_(rooms),
      lag_limit_seconds_(static_cast<double>(rooms.config.integer("warehouse.max_lag_s"))),
      warehouse_(options, rooms.clock),
      loader_({.warehouse = warehouse_,
               .journal = rooms.journal,
               .log_id = rooms.log_id,
               .log = rooms.log,
               .clock = rooms.clock},
              load_limits(rooms.config),
              make_hooks(rooms)) {}

http::Response WarehouseParts::answer_rebuild(const http::Request& request) {
  if (const auto begun = loader_.request_rebuild(); !begun) {
    return http::problem(begun.error(), request.path);
  }
  const auto recorded = rooms_.database.write<bool>([&](soci::session& session) -> base::Result<bool> {
    TALLY_TRY(
        rooms_.audit.append(session, {"warehouse.rebuild", "warehouse", "", "{}"}, access::change_context(request)));
    return true;
  });
  if (!recorded) {
    return http::problem(recorded.error(), request.path);
  }
  return http::json_response(202, json::serialize(json::object{{"state", "running"}}));
}

void WarehouseParts::add_routes(http::Router& router) {
  warehouse::add_routes(router, warehouse_, &loader_);
  router.add({http::Method::kPost,
              "/api/warehouse/rebuild",
              "warehouse:write",
              "Fill a new generation of the warehouse from the journal, and switch to it",
              [this](const http::Request& request) {
                return answer_rebuild(request);
              }});
}

void WarehouseParts::add_metrics(base::Metrics& metrics) {
  metrics.add_gauge("tallystick_warehouse_up", "1 while the warehouse answers.", [this] {
    return warehouse_.status().is_up ? 1.0 : 0.0;
  });
  metrics.add_gauge("tallystick_warehouse_generation", "Which rebuild of the warehouse is read.", [this] {
    return static_cast<double>(warehouse_.status().generation);
  });
  metrics.add_gauge("tallystick_warehouse_lag_records", "Durable records that are not in the warehouse yet.", [this] {
    const warehouse::LoadProgress progress = loader_.progress();
    return static_cast<double>(progress.durable - std::min(progress.loaded, progress.durable));
  });
  metrics.add_gauge("tallystick_warehouse_lag_seconds",
                    "Age of the oldest record that is not in the warehouse.",
                    [this] { return loader_.progress().lag_seconds; });
  const auto add = [&](std::string name, std::string help, const std::atomic<std::uint64_t>& count) {
    metrics.add_counter("tallystick_warehouse_" + std::move(name), std::move(help), [&count] {
      return static_cast<double>(count.load());
    });
  };
  const warehouse::LoadCounters& counters = loader_.counters();
  add("loaded_records_total", "Records loaded since the start, by rebuilds too.", counters.records);
  add("load_batches_total", "Batches written.", counters.batches);
  add("load_failures_total", "Times that loading failed and was taken up again.", counters.failures);
  add("skipped_records_total",
      "Records that could not be read, or are about events that were dropped.",
      counters.skipped);
}

void WarehouseParts::add_health(Health& health) {
  health.add("warehouse", false, [this] {
    const warehouse::LoadProgress progress = loader_.progress();
    if (!progress.error.empty()) {
      return HealthState{false, progress.error};
    }
    return HealthState{
        progress.lag_seconds <= lag_limit_seconds_,
        fmt::format("{} of {} records, {:.1f} s behind", progress.loaded, progress.durable, progress.lag_seconds)};
  });
}

base::Result<void> WarehouseParts::watch_lag() {
  const warehouse::LoadProgress progress = loader_.progress();
  if (warehouse_.is_prepared()) {
    (void)warehouse_.check();  // GET /api/warehouse shows how it went
  }
  warehouse_.set_progress(progress);
  turns_behind_ = progress.lag_seconds > lag_limit_seconds_ ? turns_behind_ + 1 : 0;
  if (turns_behind_ != kTurnsUntilAlert) {
    return {};
  }
  TALLY_ASSIGN(
      [[maybe_unused]] const alerts::Alert alert,
      rooms_.alerts.raise(
          {.dedupe_key = "warehouse.lag",
           .severity = alerts::Severity::kWarning,
           .subject = "warehouse",
           .summary = fmt::format("the warehouse is {:.0f} s behind the log; reports are old", progress.lag_seconds),
           .evidence = json::serialize(
               json::object{{"loaded", progress.loaded}, {"log_size", progress.durable}, {"error", progress.error}})}));
  return {};
}

void WarehouseParts::start(Background& background) {
  background.run("warehouse loader", [this](const std::stop_token& stop) -> base::Result<void> {
    // Of this thread and those that it starts.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLoaderNice);
    loader_.run(stop);
    return {};
  });
  background.every("warehouse watch", kWatchIntervalUs, [this] { return watch_lag(); });
}

}  // namespace tallystick::server
