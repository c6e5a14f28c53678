#pragma once
// The HTTP routes of this room: what was reconciled, with every figure down to the record, and the discrepancies that
// people settle. Starting a run is the business of the room that has the claims.

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/router.h"
#include "reconcile/run_service.h"

namespace tallystick::reconcile {

// From what people write ("acme") to a subject ("partner:<id>"); what is a subject already stays one. Error codes:
// those of who knows the names.
using ResolveSubject = std::function<base::Result<std::string>(std::string_view)>;
// Makes a creating POST repeatable (access/idempotency.h).
using MakeIdempotent = std::function<http::Handler(http::Handler)>;

// `service` must outlive the router.
void add_routes(http::Router& router,
                RunService& service,
                const ResolveSubject& resolve_subject,
                const MakeIdempotent& make_idempotent);

// Of which the above consists.
void add_run_routes(http::Router& router, RunService& service, const ResolveSubject& resolve_subject);
void add_discrepancy_routes(http::Router& router,
                            DiscrepancyService& service,
                            const ResolveSubject& resolve_subject,
                            const MakeIdempotent& make_idempotent);

}  // namespace tallystick::reconcile
