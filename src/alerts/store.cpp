#include "alerts/store.h"

#include <stdexcept>
#include <utility>

#include "records/rows.h"

namespace tallystick::alerts {
namespace {

struct AlertRow {
  std::string id, dedupe_key, severity, subject, summary, evidence, state, notes;
  std::int64_t occurrences = 0, first_at = 0, last_at = 0;
};

void for_each_column(AlertRow& row, const auto& visit) {
  visit("id", row.id);
  visit("dedupe_key", row.dedupe_key);
  visit("severity", row.severity);
  visit("subject", row.subject);
  visit("summary", row.summary);
  visit("evidence", row.evidence);
  visit("state", row.state);
  visit("notes", row.notes);
  visit("occurrences", row.occurrences);
  visit("first_at", row.first_at);
  visit("last_at", row.last_at);
}

AlertRow to_row(const Alert& alert) {
  AlertRow row;
  row.id = base::format_uuid(alert.id);
  row.dedupe_key = alert.dedupe_key;
  row.severity = name_of(alert.severity);
  row.subject = alert.subject;
  row.summary = alert.summary;
  row.evidence = alert.evidence;
  row.state = name_of(alert.state);
  row.notes = alert.notes;
  row.occurrences = alert.occurrences;
  row.first_at = alert.first_at.us;
  row.last_at = alert.last_at.us;
  return row;
}

Alert from_row(const AlertRow& row) {
  Alert alert;
  const auto severity = parse_severity(row.severity);
  const auto state = parse_state(row.state);
  if (!base::parse_uuid_into(row.id, alert.id) || !severity || !state) {
    throw std::runtime_error("alerts holds a row that cannot be read");
  }
  alert.dedupe_key = row.dedupe_key;
  alert.severity = *severity;
  alert.subject = row.subject;
  alert.summary = row.summary;
  alert.evidence = row.evidence;
  alert.state = *state;
  alert.notes = row.notes;
  alert.occurrences = row.occurrences;
  alert.first_at = {row.first_at};
  alert.last_at = {row.last_at};
  return alert;
}

std::vector<Alert> select(soci::session& session, const std::vector<records::Condition>& conditions, std::int64_t max) {
  std::vector<Alert> alerts;
  for (const AlertRow& row : records::select_rows<AlertRow>(session, "alerts", conditions, max)) {
    alerts.push_back(from_row(row));
  }
  return alerts;
}

std::optional<Alert> first_of(std::vector<Alert> alerts) {
  return alerts.empty() ? std::nullopt : std::optional(std::move(alerts.front()));
}

}  // namespace

void insert(soci::session& session, const Alert& alert) {
  records::insert_row(session, "alerts", to_row(alert));
}

void update(soci::session& session, const Alert& alert) {
  const AlertRow row = to_row(alert);
  session
      << "UPDATE alerts SET severity = :severity, summary = :summary, evidence = :evidence, state = :state, notes = "
         ":notes, occurrences = :occurrences, last_at = :last_at WHERE id = :id",
      soci::use(row.severity), soci::use(row.summary), soci::use(row.evidence), soci::use(row.state),
      soci::use(row.notes), soci::use(row.occurrences), soci::use(row.last_at), soci::use(row.id);
}

namespace {

// An update that changes nothing locks the row on PostgreSQL; SQLite has one writer anyway and no SELECT FOR UPDATE.
// What it has not found is not looked up: a row that appears in between would be read without its lock.
std::optional<Alert> lock_first(soci::session& session, std::string_view where, const std::string& value) {
  std::string id;
  soci::statement statement =
      (session.prepare << "UPDATE alerts SET last_at = last_at WHERE " << where << " RETURNING id",
       soci::use(value),
       soci::into(id));
  return statement.execute(true) ? first_of(select(session, {{"id", "=", id}}, 1)) : std::nullopt;
}

}  // namespace

std::optional<Alert> lock_alert(soci::session& session, const base::Uuid& id) {
  return lock_first(session, "id = :id", base::format_uuid(id));
}

std::optional<Alert> lock_unresolved(soci::session& session, std::string_view dedupe_key) {
  return lock_first(session, "dedupe_key = :dedupe_key AND state <> 'resolved'", std::string(dedupe_key));
}

std::optional<Alert> find_alert(soci::session& session, const base::Uuid& id) {
  return first_of(select(session, {{"id", "=", base::format_uuid(id)}}, 1));
}

std::vector<Alert> load_alerts(soci::session& session,
                               const AlertFilter& filter,
                               std::string_view after,
                               std::int64_t max_alerts) {
  std::vector<records::Condition> conditions = {{"id", ">", std::string(after)}};
  if (filter.state) {
    conditions.push_back({"state", "=", std::string(name_of(*filter.state))});
  }
  if (filter.severity) {
    conditions.push_back({"severity", "=", std::string(name_of(*filter.severity))});
  }
  return select(session, conditions, max_alerts);
}

std::vector<Alert> load_unresolved(soci::session& session, std::string_view name, std::int64_t max_alerts) {
  // Few alerts are unresolved: they are read and sifted, as the orders of text differ between databases.
  std::vector<Alert> alerts = select(session, {{"state", "<>", "resolved"}}, max_alerts);
  const std::string prefix = std::string(name) + ":";
  std::erase_if(alerts,
                [&](const Alert& alert) { return alert.dedupe_key != name && !alert.dedupe_key.starts_with(prefix); });
  return alerts;
}

std::array<std::int64_t, kSeverityCount> count_unresolved(soci::session& session) {
  std::array<std::int64_t, kSeverityCount> counts{};
  for (std::size_t i = 0; i < kSeverityCount; ++i) {
    const std::string severity(name_of(static_cast<Severity>(i)));
    session << "SELECT count(*) FROM alerts WHERE state <> 'resolved' AND severity = :severity",
        soci::use(severity, "severity"), soci::into(counts[i]);
  }
  return counts;
}

}  // namespace tallystick::alerts
