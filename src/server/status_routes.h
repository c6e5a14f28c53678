#pragma once
// /healthz, /readyz and /metrics.

#include "base/metrics.h"
#include "http/router.h"
#include "server/health.h"

namespace tallystick::server {

// `health` and `metrics` must outlive the router.
void add_status_routes(http::Router& router,
                       const Health& health,
                       const base::Metrics& metrics,
                       bool are_metrics_public);

}  // namespace tallystick::server
