#pragma once
// The reports over HTTP, as JSON or CSV (docs/api/insights.md).

#include "http/router.h"
#include "insights/service.h"

namespace tallystick::insights {

// `service` must outlive the router.
void add_routes(http::Router& router, InsightsService& service);

}  // namespace tallystick::insights
