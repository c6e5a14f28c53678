#include "reconcile/discrepancy_service.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/field_errors.h"
#include "reconcile/arithmetic.h"
#include "reconcile/json.h"
#include "reconcile/run_service.h"
#include "reconcile/store.h"

namespace tallystick::reconcile {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxAlertsAtOnce = 200;
constexpr std::int64_t kMaxOverdue = 10'000;
constexpr const char* kSystem = "system";

std::unexpected<base::Error> fail_not_found() {
  return base::fail(base::ErrorKind::kNotFound, "discrepancy_not_found", "there is no such discrepancy");
}

std::string describe_finding(const Finding& finding) {
  return describe_difference(
      finding.currency, finding.our_commission_minor, finding.their_commission_minor, finding.variance);
}

// The finding of a currency that the run did not come across: nothing on either side.
Finding finding_in(const Run& run, const base::Currency& currency) {
  const auto found = std::ranges::find(run.findings, currency, &Finding::currency);
  if (found != run.findings.end()) {
    return *found;
  }
  Finding nothing;
  nothing.currency = currency;
  return nothing;
}

bool has_same_difference(const Discrepancy& discrepancy, const Finding& finding) {
  return minus(discrepancy.their_commission_minor, discrepancy.our_commission_minor) ==
         minus(finding.their_commission_minor, finding.our_commission_minor);
}

void check_text(std::string_view pointer, std::string_view text, std::size_t max_bytes, base::FieldErrors& errors) {
  if (text.size() > max_bytes) {
    errors.add(std::string(pointer), "too_long", fmt::format("is at most {} bytes", max_bytes));
  }
  if (text.find('\0') != std::string_view::npos) {
    errors.add(std::string(pointer), "bad_character", "databases do not keep the character U+0000");
  }
}

void check_change(const DiscrepancyChange& change, base::FieldErrors& errors) {
  const bool is_resolving = change.state == DiscrepancyState::kResolved;
  check_text("/owner", change.owner.value_or(""), kMaxOwnerBytes, errors);
  check_text("/resolution/text", change.resolution_text.value_or(""), kMaxNoteBytes, errors);
  if (is_resolving && !change.resolution) {
    errors.add("/resolution", "required", "say why: partner_corrects, we_correct, settles_elsewhere, accepted, other");
  }
  if (!is_resolving && change.resolution) {
    errors.add("/resolution", "not_resolved", "comes with the state resolved, and not without");
  }
  if (is_resolving && change.resolution == Resolution::kOther && change.resolution_text.value_or("").empty()) {
    errors.add("/resolution/text", "required", "the resolution other needs a text");
  }
}

void apply(const DiscrepancyChange& change, base::Timestamp now, Discrepancy& discrepancy) {
  discrepancy.owner = change.owner.value_or(discrepancy.owner);
  discrepancy.due_date = change.due_date.value_or(discrepancy.due_date);
  discrepancy.state = change.state.value_or(discrepancy.state);
  if (discrepancy.state == DiscrepancyState::kResolved) {
    discrepancy.resolution = change.resolution.value_or(Resolution::kOther);
    discrepancy.resolution_text = change.resolution_text.value_or("");
    discrepancy.resolved_at = now;
    discrepancy.alert_state = AlertState::kSettling;
  }
}

}  // namespace

base::Result<void> DiscrepancyService::append_audit(soci::session& session,
                                                    std::string_view action,
                                                    const Discrepancy* before,
                                                    const Discrepancy& after,
                                                    const access::ChangeContext& context) {
  return audit_.append(session,
                       {.action = std::string(action),
                        .subject = alert_key_of(after),
                        .before = before == nullptr ? std::string() : json::serialize(to_json(*before)),
                        .after = json::serialize(to_json(after))},
                       context);
}

void DiscrepancyService::note_run(soci::session& session,
                                  const base::Uuid& discrepancy_id,
                                  const Run& run,
                                  std::string text) {
  const base::Timestamp now = clock_.now();
  insert_note(session,
              discrepancy_id,
              {.id = base::make_uuid_v7(now, random_),
               .run_id = run.id,
               .author = kSystem,
               .text = std::move(text),
               .created_at = now});
}

base::Result<void> DiscrepancyService::open(soci::session& session, const Run& run, const Finding& finding) {
  TALLY_ASSIGN(const base::TimeZone zone, base::TimeZone::find(run.request.their_time_zone));
  const base::Timestamp now = clock_.now();
  Discrepancy discrepancy;
  discrepancy.id = base::make_uuid_v7(now, random_);
  discrepancy.run_id = discrepancy.latest_run_id = run.id;
  discrepancy.kind = run.request.kind;
  discrepancy.subject = run.request.subject;
  discrepancy.subject_name = run.request.subject_name;
  discrepancy.from = run.request.from;
  discrepancy.to = run.request.to;
  discrepancy.time_zone = run.request.their_time_zone;
  discrepancy.currency = finding.currency;
  discrepancy.our_commission_minor = finding.our_commission_minor;
  discrepancy.their_commission_minor = finding.their_commission_minor;
  discrepancy.variance = finding.variance;
  discrepancy.due_date = due_date(now, zone);
  discrepancy.created_at = discrepancy.updated_at = now;
  insert(session, discrepancy);
  note_run(session,
           discrepancy.id,
           run,
           fmt::format("Opened: {} from {} to {}.",
                       describe_finding(finding),
                       base::format_date(run.request.from),
                       base::format_date(run.request.to)));
  return append_audit(session, "discrepancy.open", nullptr, discrepancy, {run.request.actor, "", ""});
}

base::Result<void> DiscrepancyService::follow(soci::session& session,
                                              const Run& run,
                                              const Finding& finding,
                                              const Discrepancy& before) {
  Discrepancy after = before;
  after.latest_run_id = run.id;
  after.to = run.request.to;
  after.subject_name = run.request.subject_name;
  after.time_zone = run.request.their_time_zone;
  after.our_commission_minor = finding.our_commission_minor;
  after.their_commission_minor = finding.their_commission_minor;
  after.variance = finding.variance;
  after.updated_at = clock_.now();
  if (finding.is_discrepancy && !has_same_difference(before, finding)) {
    after.alert_state = AlertState::kWanted;  // with the new figures
  }
  if (!update(session, after)) {
    return base::fail(base::ErrorKind::kConflict, "version_conflict", "the discrepancy was changed meanwhile");
  }
  ++after.version;
  note_run(session,
           after.id,
           run,
           fmt::format("A run from {} to {} finds {}{}.",
                       base::format_date(run.request.from),
                       base::format_date(run.request.to),
                       describe_finding(finding),
                       finding.is_discrepancy ? "" : ", within the tolerance; it stays open until it is resolved"));
  return append_audit(session, "discrepancy.follow", &before, after, {run.request.actor, "", ""});
}

base::Result<void> DiscrepancyService::record_run(soci::session& session, const Run& run) {
  std::vector<Discrepancy> known = lock_discrepancies(session, run.request.kind, run.request.subject, run.request.from);
  std::erase_if(known, [&](const Discrepancy& one) { return !is_about(one, run.request.from, run.request.to); });
  std::vector<base::Currency> currencies;
  currencies.reserve(run.findings.size() + known.size());
  for (const Finding& finding : run.findings) {
    currencies.push_back(finding.currency);
  }
  for (const Discrepancy& one : known) {
    if (one.state != DiscrepancyState::kResolved) {
      currencies.push_back(one.currency);
    }
  }
  std::ranges::sort(currencies);
  const auto repeated = std::ranges::unique(currencies);
  currencies.erase(repeated.begin(), repeated.end());
  for (const base::Currency& currency : currencies) {
    const Finding finding = finding_in(run, currency);
    // Newest first; one that is not resolved comes before any that is, and the same days before fewer.
    const Discrepancy* found = nullptr;
    const auto rank = [&](const Discrepancy& one) {
      return (one.state == DiscrepancyState::kResolved ? 0 : 2) + (one.to == run.request.to ? 1 : 0);
    };
    for (const Discrepancy& one : known) {
      if (one.currency == currency && (found == nullptr || rank(one) > rank(*found))) {
        found = &one;
      }
    }
    if (found != nullptr && found->state != DiscrepancyState::kResolved) {
      TALLY_TRY(follow(session, run, finding, *found));
    } else if (finding.is_discrepancy && found != nullptr && has_same_difference(*found, finding)) {
      note_run(session,
               found->id,
               run,
               fmt::format("A run finds it again, as it was resolved: {}.", describe_finding(finding)));
    } else if (finding.is_discrepancy) {
      TALLY_TRY(open(session, run, finding));
    }
  }
  return {};
}

base::Result<void> DiscrepancyService::raise_alert(const Discrepancy& discrepancy) {
  using Causes = std::vector<CauseAmount>;
  TALLY_ASSIGN(const Causes causes, database_.read<Causes>([&](soci::session& session) -> base::Result<Causes> {
    const auto run = find_run(session, discrepancy.latest_run_id);
    return run ? finding_in(run->run, discrepancy.currency).causes : Causes();
  }));
  TALLY_ASSIGN(const alerts::Alert alert, alerts_.raise(occurrence_of(discrepancy, causes)));
  return told_alerts(discrepancy.id, AlertState::kWanted, AlertState::kRaised, alert.id);
}

base::Result<void> DiscrepancyService::resolve_alert(const Discrepancy& discrepancy) {
  TALLY_ASSIGN(const std::vector<alerts::Alert> unresolved, alerts_.list_unresolved(alert_key_of(discrepancy)));
  const std::string note = fmt::format("the discrepancy is resolved: {}{}{}",
                                       name_of(discrepancy.resolution),
                                       discrepancy.resolution_text.empty() ? "" : ", ",
                                       discrepancy.resolution_text);
  for (const alerts::Alert& alert : unresolved) {
    TALLY_TRY(alerts_.resolve(alert.id, note, {kSystem, "", ""}));
  }
  return told_alerts(discrepancy.id, AlertState::kSettling, AlertState::kSettled, discrepancy.alert_id);
}

base::Result<void> DiscrepancyService::told_alerts(const base::Uuid& id,
                                                   AlertState before,
                                                   AlertState after,
                                                   const base::Uuid& alert_id) {
  TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    update_alert(session, id, before, after, alert_id);
    return true;
  }));
  return {};
}

base::Result<void> DiscrepancyService::settle_alerts() {
  using Found = std::vector<Discrepancy>;
  TALLY_ASSIGN(const Found unsettled, database_.read<Found>([](soci::session& session) -> base::Result<Found> {
    return load_unsettled(session, kMaxAlertsAtOnce);
  }));
  for (const Discrepancy& discrepancy : unsettled) {
    if (discrepancy.alert_state == AlertState::kWanted) {
      TALLY_TRY(raise_alert(discrepancy));
    } else {
      TALLY_TRY(resolve_alert(discrepancy));
    }
  }
  return {};
}

base::Result<std::vector<Discrepancy>> DiscrepancyService::list(const DiscrepancyFilter& filter,
                                                                std::string_view after,
                                                                std::int64_t max_discrepancies) {
  using Found = std::vector<Discrepancy>;
  return database_.read<Found>([&](soci::session& session) -> base::Result<Found> {
    return load_discrepancies(session, filter, after, max_discrepancies);
  });
}

base::Result<std::vector<Discrepancy>> DiscrepancyService::list_of_run(const base::Uuid& run_id) {
  using Found = std::vector<Discrepancy>;
  return database_.read<Found>(
      [&](soci::session& session) -> base::Result<Found> { return load_of_run(session, run_id); });
}

base::Result<DiscrepancyHistory> DiscrepancyService::get(const base::Uuid& id) {
  return database_.read<DiscrepancyHistory>([&](soci::session& session) -> base::Result<DiscrepancyHistory> {
    auto found = find_discrepancy(session, id);
    if (!found) {
      return fail_not_found();
    }
    return DiscrepancyHistory{*std::move(found), load_notes(session, id)};
  });
}

base::Result<Discrepancy> DiscrepancyService::change(const base::Uuid& id,
                                                     const DiscrepancyChange& change,
                                                     const std::optional<std::int64_t>& expected_version,
                                                     const access::ChangeContext& context) {
  base::FieldErrors errors;
  check_change(change, errors);
  TALLY_TRY(errors.result());
  TALLY_ASSIGN(
      Discrepancy changed, database_.write<Discrepancy>([&](soci::session& session) -> base::Result<Discrepancy> {
        const auto before = lock_discrepancy(session, id);
        if (!before) {
          return fail_not_found();
        }
        if (before->state == DiscrepancyState::kResolved) {
          return base::fail(
              base::ErrorKind::kConflict,
              "discrepancy_resolved",
              "it is resolved, and takes notes only; a run that finds another difference opens a new one");
        }
        if (expected_version && *expected_version != before->version) {
          return base::fail(base::ErrorKind::kConflict,
                            "version_conflict",
                            "it was changed meanwhile; read it again and repeat the change");
        }
        Discrepancy after = *before;
        apply(change, clock_.now(), after);
        if (after.owner == before->owner && after.due_date == before->due_date && after.state == before->state) {
          return after;
        }
        after.updated_at = clock_.now();
        if (!update(session, after)) {
          return base::fail(base::ErrorKind::kConflict, "version_conflict", "it was changed meanwhile");
        }
        ++after.version;
        TALLY_TRY(append_audit(session, "discrepancy.change", &*before, after, context));
        return after;
      }));
  if (changed.state == DiscrepancyState::kResolved) {
    (void)settle_alerts();  // what fails now is done by the next run or the hourly check
  }
  return changed;
}

base::Result<DiscrepancyNote> DiscrepancyService::add_note(const base::Uuid& id,
                                                           const std::string& text,
                                                           const std::string& author,
                                                           const access::ChangeContext& context) {
  base::FieldErrors errors;
  check_text("/text", text, kMaxNoteBytes, errors);
  if (text.empty()) {
    errors.add("/text", "required", "a note says something");
  }
  TALLY_TRY(errors.result());
  const base::Timestamp now = clock_.now();
  DiscrepancyNote note{.id = base::make_uuid_v7(now, random_), .author = author, .text = text, .created_at = now};
  return database_.write<DiscrepancyNote>([&](soci::session& session) -> base::Result<DiscrepancyNote> {
    const auto found = find_discrepancy(session, id);
    if (!found) {
      return fail_not_found();
    }
    insert_note(session, id, note);
    TALLY_TRY(audit_.append(session,
                            {.action = "discrepancy.note",
                             .subject = alert_key_of(*found),
                             .before = {},
                             .after = json::serialize(to_json(note))},
                            context));
    return note;
  });
}

base::Result<std::vector<alerts::Occurrence>> DiscrepancyService::list_overdue() {
  TALLY_ASSIGN(const auto unresolved, list({.is_unresolved_only = true}, "", kMaxOverdue));
  return overdue_occurrences(unresolved, clock_.now());
}

}  // namespace tallystick::reconcile
