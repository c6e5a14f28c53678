#pragma once
// GET /api/dead-letters and POST /api/dead-letters/replay: what was refused, and once more from the start.

#include "capture/replay.h"
#include "http/router.h"
#include "records/database.h"

namespace tallystick::capture {

// `database` and `replayer` outlive the router.
void add_dead_letter_routes(http::Router& router, records::Database& database, Replayer& replayer);

}  // namespace tallystick::capture
