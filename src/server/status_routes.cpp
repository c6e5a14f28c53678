#include "server/status_routes.h"

namespace tallystick::server {

void add_status_routes(http::Router& router,
                       const Health& health,
                       const base::Metrics& metrics,
                       bool are_metrics_public) {
  using http::Method;
  router.add({Method::kGet, "/healthz", "public", "The process lives", [](const http::Request&) {
                return http::json_response(200, R"({"status":"alive"})");
              }});
  router.add({Method::kGet,
              "/readyz",
              "public",
              "Whether every dependency that capture needs is up",
              [&health](const http::Request&) {
                return health.readiness();
              }});
  router.add({Method::kGet,
              "/metrics",
              are_metrics_public ? "public" : "metrics:read",
              "Metrics in Prometheus' text form",
              [&metrics](const http::Request&) {
                http::Response response;
                response.content_type = "text/plain; version=0.0.4; charset=utf-8";
                response.body = metrics.serialize();
                return response;
              }});
}

}  // namespace tallystick::server
