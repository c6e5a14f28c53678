#include "alerts/service.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "alerts/alert_json.h"
#include "alerts/deliveries.h"
#include "alerts/delivery_store.h"

namespace tallystick::alerts {
namespace {

constexpr std::int64_t kMaxUnresolvedOfACheck = 10'000;

std::unexpected<base::Error> fail_alert_not_found() {
  return base::fail(base::ErrorKind::kNotFound, "alert_not_found", "there is no such alert");
}

}  // namespace

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
    const bool is_worse = !is_new && occurrence.severity > alert.severity;
    alert.severity = is_new ? occurrence.severity : std::max(alert.severity, occurrence.severity);
    alert.summary = occurrence.summary;
    alert.evidence = occurrence.evidence.empty() ? "{}" : occurrence.evidence;
    alert.occurrences += occurrence.count;
    alert.last_at = now;
    if (!is_new) {
      update(session, alert);
      if (is_worse) {
        TALLY_TRY(tell(session, alert, Cause::kEscalated));
      }
      return alert;
    }
    alert.id = base::make_uuid_v7(now, random_);
    alert.dedupe_key = occurrence.dedupe_key;
    alert.subject = occurrence.subject;
    alert.first_at = now;
    insert(session, alert);
    TALLY_TRY(tell(session, alert, Cause::kRaised));
    return alert;
  });
}

base::Result<void> AlertService::tell(soci::session& session, const Alert& alert, Cause cause) {
  return queue_ == nullptr ? base::Result<void>() : announce(session, *queue_, alert, cause, clock_.now(), random_);
}

base::Result<std::vector<Alert>> AlertService::list(const AlertFilter& filter,
                                                    std::string_view after,
                                                    std::int64_t max_alerts) {
  return database_.read<std::vector<Alert>>([&](soci::session& session) -> base::Result<std::vector<Alert>> {
    return load_alerts(session, filter, after, max_alerts);
  });
}

base::Result<AlertHistory> AlertService::get(const base::Uuid& id) {
  return database_.read<AlertHistory>([&](soci::session& session) -> base::Result<AlertHistory> {
    auto alert = find_alert(session, id);
    if (!alert) {
      return fail_alert_not_found();
    }
    return AlertHistory{*std::move(alert), load_deliveries(session, id)};
  });
}

base::Result<Alert> AlertService::acknowledge(const base::Uuid& id,
                                              std::string_view notes,
                                              const access::ChangeContext& context) {
  return settle(id, State::kAcknowledged, notes, context);
}

base::Result<Alert> AlertService::resolve(const base::Uuid& id,
                                          std::string_view notes,
                                          const access::ChangeContext& context) {
  return settle(id, State::kResolved, notes, context);
}

base::Result<Alert> AlertService::settle(const base::Uuid& id,
                                         State state,
                                         std::string_view notes,
                                         const access::ChangeContext& context) {
  return database_.write<Alert>([&](soci::session& session) -> base::Result<Alert> {
    auto alert = lock_alert(session, id);
    if (!alert) {
      return fail_alert_not_found();
    }
    if (alert->state == State::kResolved && state == State::kAcknowledged) {
      return base::fail(base::ErrorKind::kConflict, "alert_resolved", "the alert is resolved already");
    }
    if (alert->notes.size() + notes.size() >= kMaxNotesBytes) {
      return base::fail(base::ErrorKind::kUnprocessable,
                        "notes_too_long",
                        fmt::format("the notes of an alert have at most {} bytes together", kMaxNotesBytes));
    }
    Alert before = *alert;
    if (before.state == state && notes.empty()) {
      return before;
    }
    alert->state = state;
    if (!notes.empty()) {
      alert->notes += (alert->notes.empty() ? "" : "\n") + std::string(notes);
    }
    update(session, *alert);
    const bool is_resolved = state == State::kResolved;
    if (before.state != state) {
      TALLY_TRY(tell(session, *alert, is_resolved ? Cause::kResolved : Cause::kAcknowledged));
    }
    TALLY_TRY(audit_.append(session,
                            {.action = is_resolved ? "alert.resolve" : "alert.acknowledge",
                             .subject = "alert:" + base::format_uuid(id),
                             .before = boost::json::serialize(to_json(before)),
                             .after = boost::json::serialize(to_json(*alert))},
                            context));
    return *alert;
  });
}

base::Result<std::vector<Alert>> AlertService::list_unresolved(std::string_view name) {
  return database_.read<std::vector<Alert>>([&](soci::session& session) -> base::Result<std::vector<Alert>> {
    return load_unresolved(session, name, kMaxUnresolvedOfACheck);
  });
}

base::Result<std::array<std::int64_t, kSeverityCount>> AlertService::count_unresolved() {
  using Counts = std::array<std::int64_t, kSeverityCount>;
  return database_.read<Counts>(
      [](soci::session& session) -> base::Result<Counts> { return alerts::count_unresolved(session); });
}

}  // namespace tallystick::alerts
