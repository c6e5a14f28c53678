#pragma once
// The HTTP routes of this room: principals, API keys and the audit trail.

#include "access/principal_service.h"
#include "access/service.h"
#include "base/time.h"
#include "http/router.h"
#include "records/database.h"

namespace tallystick::access {

// All must outlive the router.
struct RouteSources {
  PrincipalService& principals;
  KeyService& keys;
  records::Database& database;  // for Idempotency-Key and the trail
  const base::Clock& clock;
};

void add_principal_routes(http::Router& router, const RouteSources& sources);
void add_key_routes(http::Router& router, const RouteSources& sources);
void add_audit_routes(http::Router& router, records::Database& database);

}  // namespace tallystick::access
