#pragma once
// The checks behind /readyz.

#include "base/time.h"
#include "engine/supervisor.h"
#include "journal/journal.h"
#include "quality/judge.h"
#include "quality/rule_watcher.h"
#include "records/database.h"
#include "server/catalog_refresher.h"
#include "server/health.h"

namespace tallystick::server {

// All outlive the Health.
struct HealthSources {
  const journal::Journal& journal;
  records::Database& database;
  const CatalogRefresher& catalog;
  const quality::RuleWatcher& rules;
  const quality::Judge& judge;
};

void add_health_checks(Health& health, const HealthSources& sources);
void add_engine_health(Health& health, const engine::Supervisor& engine);

}  // namespace tallystick::server
