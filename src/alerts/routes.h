#pragma once
// The HTTP routes of this room.

#include "alerts/service.h"
#include "http/router.h"

namespace tallystick::alerts {

// As RecordChange, with the request that asked for it. `before` and `after` are JSON.
using RecordRequest = std::function<base::Result<void>(soci::session& session,
                                                       const http::Request& request,
                                                       const Alert& alert,
                                                       const std::string& before,
                                                       const std::string& after)>;

// `service` must outlive the router.
void add_routes(http::Router& router, AlertService& service, const RecordRequest& record);

}  // namespace tallystick::alerts
