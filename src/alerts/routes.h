#pragma once
// The HTTP routes of this room (docs/api/alerts.md).

#include <functional>

#include "alerts/channel_service.h"
#include "alerts/service.h"
#include "http/router.h"
#include "jobs/queue.h"

namespace tallystick::alerts {

// Wraps a creating handler so that a repeated Idempotency-Key answers the same again.
using MakeIdempotent = std::function<http::Handler(http::Handler)>;

// All must outlive the router. POST /api/alerts/check queues a job of kind kCheckJob.
void add_alert_routes(http::Router& router, AlertService& service, jobs::Queue& queue);
void add_channel_routes(http::Router& router, ChannelService& service, const MakeIdempotent& make_idempotent);

}  // namespace tallystick::alerts
