#pragma once
// The HTTP routes of this room.

#include "alerts/service.h"
#include "http/router.h"

namespace tallystick::alerts {

// `service` must outlive the router.
void add_routes(http::Router& router, AlertService& service);

}  // namespace tallystick::alerts
