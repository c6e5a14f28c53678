#include "warehouse/routes.h"

#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace tallystick::warehouse {

namespace json = boost::json;

namespace {

json::object describe(const LogStatus& log) {
  json::object out{
      {"log_id", fmt::format("{:08x}", log.log_id)}, {"loaded", log.loaded}, {"attribution_pass", log.pass}};
  if (log.progress) {
    const LoadProgress& progress = *log.progress;
    out["log_size"] = progress.durable;
    out["lag_records"] = progress.durable > progress.loaded ? progress.durable - progress.loaded : 0;
    out["lag_seconds"] = progress.lag_seconds;
    if (!progress.error.empty()) {
      out["error"] = progress.error;
    }
  }
  return out;
}

json::object describe(const RebuildStatus& rebuild) {
  json::object out{{"state", name_of(rebuild.state)}};
  if (rebuild.state == RebuildState::kNone) {
    return out;
  }
  out["begun_at"] = base::format_rfc3339(rebuild.begun_at);
  out["generation"] = rebuild.generation;
  out["records"] = rebuild.loaded;
  out["records_wanted"] = rebuild.wanted;
  if (rebuild.state != RebuildState::kRunning) {
    out["ended_at"] = base::format_rfc3339(rebuild.ended_at);
    json::array counts;
    for (const CountComparison& count : rebuild.counts) {
      counts.push_back(json::object{
          {"name", count.name}, {"journal", count.journal}, {"rebuilt", count.rebuilt}, {"before", count.before}});
    }
    out["counts"] = std::move(counts);
  }
  if (!rebuild.error.empty()) {
    out["error"] = rebuild.error;
  }
  return out;
}

http::Response answer_status(Warehouse& warehouse, const Loader* loader) {
  if (loader != nullptr) {
    warehouse.set_progress(loader->progress());
  }
  const Status status = warehouse.status();
  json::array logs;
  for (const LogStatus& log : status.logs) {
    logs.push_back(describe(log));
  }
  json::object body{{"kind",
                     status.is_built_in       ? "built-in"
                     : status.cluster.empty() ? "server"
                                              : "cluster"},
                    {"endpoint", status.endpoint},
                    {"state", status.is_up ? "up" : "down"},
                    {"generation", status.generation},
                    {"database", status.database},
                    {"logs", std::move(logs)}};
  if (loader != nullptr) {
    body["rebuild"] = describe(loader->rebuild_status());
  }
  if (!status.error.empty()) {
    body["error"] = status.error;
  }
  http::Response response = http::json_response(200, json::serialize(body));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

void add_routes(http::Router& router, Warehouse& warehouse, const Loader* loader) {
  router.add({http::Method::kGet,
              "/api/warehouse",
              "warehouse:read",
              "How the warehouse is, and how far it is behind the log",
              [&warehouse, loader](const http::Request&) {
                return answer_status(warehouse, loader);
              }});
}

}  // namespace tallystick::warehouse
