#pragma once
// What /metrics shows of each room, read from the rooms' own counters when a scrape comes.

#include "access/gatekeeper.h"
#include "base/metrics.h"
#include "engine/supervisor.h"
#include "http/server.h"
#include "journal/journal.h"
#include "quality/judge.h"

namespace tallystick::server {

// The sources must outlive `metrics`.
void add_build_metrics(base::Metrics& metrics);
void add_journal_metrics(base::Metrics& metrics, const journal::Journal& journal);
void add_quality_metrics(base::Metrics& metrics, const quality::Judge& judge);
void add_engine_metrics(base::Metrics& metrics, const engine::Supervisor& engine);
void add_access_metrics(base::Metrics& metrics, const access::KeyGatekeeper& gatekeeper);
void add_http_metrics(base::Metrics& metrics, const http::Server& server);

}  // namespace tallystick::server
