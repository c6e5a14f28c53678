#pragma once
// The journal over HTTP: checkpoint, tiles, receipts, statistics (15-journal, "Proofs").

#include <string>

#include "http/router.h"
#include "journal/journal.h"

namespace tallystick::server {

// `journal` must outlive the router. `verifier_key`: of its checkpoints, as text.
void add_journal_routes(http::Router& router, journal::Journal& journal, const std::string& verifier_key);

}  // namespace tallystick::server
