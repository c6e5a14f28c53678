#pragma once
// DELETE /api/privacy/users/{id}.

#include "http/router.h"
#include "server/privacy.h"

namespace tallystick::server {

// What `rooms` refers to must outlive the router.
void add_privacy_routes(http::Router& router, const PrivacyRooms& rooms);

}  // namespace tallystick::server
