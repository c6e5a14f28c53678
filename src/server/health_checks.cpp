#include "server/health_checks.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "journal/event.h"

namespace tallystick::server {
namespace {

HealthState journal_state(const journal::Journal& journal) {
  const journal::Statistics statistics = journal.statistics();
  if (statistics.is_disk_full) {
    return {false, "the disk is full: make room, service resumes by itself"};
  }
  return {true, fmt::format("{} records", statistics.records)};
}

HealthState records_state(records::Database& database) {
  const auto version = database.schema_version();
  return version ? HealthState{true, fmt::format("schema {}", *version)}
                 : HealthState{false, fmt::format("{}; capture goes on with what it knows", version.error().code)};
}

HealthState rules_state(const quality::RuleWatcher& rules) {
  const quality::RuleWatcher::Status status = rules.status();
  return status.error.empty() ? HealthState{true, fmt::format("version {}", status.rules_version)}
                              : HealthState{false, "the last reload failed, the rules before it hold: " + status.error};
}

std::vector<std::string> switched_off_rules(const quality::RuleWatcher& rules, const quality::Judge& judge) {
  std::vector<std::string> names;
  for (const quality::SwitchedOff& rule : rules.status().switched_off) {
    names.push_back(fmt::format("rule {}: {}", journal::name_of(rule.reason), rule.why));
  }
  for (const quality::Degradation& rule : judge.degradations()) {
    names.push_back(fmt::format("rule {} in part: {}", journal::name_of(rule.reason), rule.why));
  }
  return names;
}

}  // namespace

void add_health_checks(Health& health, const HealthSources& sources) {
  health.add("journal", true, [&journal = sources.journal] { return journal_state(journal); });
  health.add("catalog", true, [&catalog = sources.catalog] {
    return catalog.is_loaded() ? HealthState{} : HealthState{false, "not loaded yet"};
  });
  health.add("records", false, [&database = sources.database] { return records_state(database); });
  health.add("rules", false, [&rules = sources.rules] { return rules_state(rules); });
  health.add_switched_off(
      [&rules = sources.rules, &judge = sources.judge] { return switched_off_rules(rules, judge); });
}

void add_engine_health(Health& health, const engine::Supervisor& engine) {
  health.add("engine", false, [&engine] {
    const engine::SupervisorStatus status = engine.status();
    return status.is_up ? HealthState{true, fmt::format("{} restarts", status.restarts)}
                        : HealthState{false, status.detail + "; capture goes on, reports wait"};
  });
}

}  // namespace tallystick::server
