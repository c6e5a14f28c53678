#include "alerts/service.h"

#include <algorithm>

#include "alerts/store.h"

namespace tallystick::alerts {

base::Result<Alert> AlertService::raise(const Occurrence& occurrence) {
  bool is_new = false;
  auto raised = raise_once(occurrence, is_new);
  if (!raised && raised.error().kind == base::ErrorKind::kConflict) {
    // Another node raised the same for the first time just now; this one is then counted on its alert.
    raised = raise_once(occurrence, is_new);
  }
  if (raised && is_new) {
    log_.warning("alert raised",
                 {{"severity", name_of(raised->severity)},
                  {"key", raised->dedupe_key},
                  {"subject", raised->subject},
                  {"summary", raised->summary}});
  }
  return raised;
}

base::Result<Alert> AlertService::raise_once(const Occurrence& occurrence, bool& is_new) {
  const base::Timestamp now = clock_.now();
  return database_.write<Alert>([&](soci::session& session) -> base::Result<Alert> {
    const auto found = lock_unresolved(session, occurrence.dedupe_key);
    is_new = !found;
    Alert alert = found.value_or(Alert{});
    alert.severity = is_new ? occurrence.severity : std::max(alert.severity, occurrence.severity);
    alert.summary = occurrence.summary;
    alert.evidence = occurrence.evidence.empty() ? "{}" : occurrence.evidence;
    alert.occurrences += occurrence.count;
    alert.last_at = now;
    if (!is_new) {
      update(session, alert);
      return alert;
    }
    alert.id = base::make_uuid_v7(now, random_);
    alert.dedupe_key = occurrence.dedupe_key;
    alert.subject = occurrence.subject;
    alert.first_at = now;
    insert(session, alert);
    return alert;
  });
}

base::Result<std::vector<Alert>> AlertService::list(const std::optional<State>& state,
                                                    std::string_view after,
                                                    std::int64_t max_alerts) {
  return database_.read<std::vector<Alert>>([&](soci::session& session) -> base::Result<std::vector<Alert>> {
    return load_alerts(session, state, after, max_alerts);
  });
}

base::Result<Alert> AlertService::acknowledge(const base::Uuid& id,
                                              std::string_view notes,
                                              const RecordChange& record) {
  return settle(id, State::kAcknowledged, notes, record);
}

base::Result<Alert> AlertService::resolve(const base::Uuid& id, std::string_view notes, const RecordChange& record) {
  return settle(id, State::kResolved, notes, record);
}

base::Result<Alert> AlertService::settle(const base::Uuid& id,
                                         State state,
                                         std::string_view notes,
                                         const RecordChange& record) {
  return database_.write<Alert>([&](soci::session& session) -> base::Result<Alert> {
    auto alert = lock_alert(session, id);
    if (!alert) {
      return base::fail(base::ErrorKind::kNotFound, "alert_not_found", "there is no such alert");
    }
    if (alert->state == State::kResolved && state == State::kAcknowledged) {
      return base::fail(base::ErrorKind::kConflict, "alert_resolved", "the alert is resolved already");
    }
    const Alert before = *alert;
    alert->state = state;
    if (!notes.empty()) {
      alert->notes += (alert->notes.empty() ? "" : "\n") + std::string(notes);
    }
    update(session, *alert);
    TALLY_TRY(record(session, before, *alert));
    return *alert;
  });
}

}  // namespace tallystick::alerts
