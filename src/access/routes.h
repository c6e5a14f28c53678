#pragma once
// The HTTP routes of this room: API keys and the audit trail.

#include "access/service.h"
#include "http/router.h"

namespace tallystick::access {

// Both must outlive the router.
void add_key_routes(http::Router& router, KeyService& keys);
void add_audit_routes(http::Router& router, records::Database& database);

}  // namespace tallystick::access
