#pragma once
// The HTTP routes of this room: jobs and schedules.

#include <functional>

#include "http/router.h"
#include "jobs/queue.h"
#include "jobs/runner.h"

namespace tallystick::jobs {

// Makes a creating handler repeatable by Idempotency-Key; the composition provides it.
using MakeIdempotent = std::function<http::Handler(http::Handler)>;

// Each route stands under /api, and without it too, as the interface was first described. All must outlive the router.
void add_routes(http::Router& router, Queue& queue, Runner& runner, const MakeIdempotent& make_idempotent);

}  // namespace tallystick::jobs
