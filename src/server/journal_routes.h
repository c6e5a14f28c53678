#pragma once
// The journal over HTTP: checkpoint, tiles, receipts, statistics (15-journal, "Proofs").

#include "http/router.h"
#include "journal/journal.h"

namespace tallystick::server {

// `journal` must outlive the router.
void add_journal_routes(http::Router& router, journal::Journal& journal);

}  // namespace tallystick::server
