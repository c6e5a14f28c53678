#include "reconcile/discrepancy_store.h"

#include <stdexcept>
#include <utility>

#include "records/row_statements.h"

namespace tallystick::reconcile {
namespace {

using NoteBindings = std::vector<records::Binding>;

constexpr const char* kDiscrepancyTable = "discrepancies";
constexpr const char* kNoteTable = "discrepancy_notes";

struct DiscrepancyRow {
  std::string id, run_id, latest_run_id, kind, subject, subject_name, first_day, last_day, time_zone, currency, state,
      owner, due_date, resolution_code, resolution_text, alert_id, alert_state;
  std::int64_t our_commission = 0, their_commission = 0, variance_numerator = 0, variance_denominator = 1,
               created_at = 0, updated_at = 0, resolved_at = 0, version = 1;
};

void for_each_column(DiscrepancyRow& row, const auto& visit) {
  visit("id", row.id);
  visit("run_id", row.run_id);
  visit("latest_run_id", row.latest_run_id);
  visit("kind", row.kind);
  visit("subject", row.subject);
  visit("subject_name", row.subject_name);
  visit("first_day", row.first_day);
  visit("last_day", row.last_day);
  visit("time_zone", row.time_zone);
  visit("currency", row.currency);
  visit("our_commission", row.our_commission);
  visit("their_commission", row.their_commission);
  visit("variance_numerator", row.variance_numerator);
  visit("variance_denominator", row.variance_denominator);
  visit("state", row.state);
  visit("owner", row.owner);
  visit("due_date", row.due_date);
  visit("resolution_code", row.resolution_code);
  visit("resolution_text", row.resolution_text);
  visit("alert_id", row.alert_id);
  visit("alert_state", row.alert_state);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("resolved_at", row.resolved_at);
  visit("version", row.version);
}

struct NoteRow {
  std::string id, discrepancy_id, run_id, author, text;
  std::int64_t created_at = 0;
};

void for_each_column(NoteRow& row, const auto& visit) {
  visit("id", row.id);
  visit("discrepancy_id", row.discrepancy_id);
  visit("run_id", row.run_id);
  visit("author", row.author);
  visit("text", row.text);
  visit("created_at", row.created_at);
}

std::string id_or_nothing(const base::Uuid& id) {
  return id.is_nil() ? std::string() : base::format_uuid(id);
}

bool read_id_or_nothing(const std::string& text, base::Uuid& id) {
  return text.empty() || base::parse_uuid_into(text, id);
}

DiscrepancyRow to_discrepancy_row(const Discrepancy& discrepancy) {
  return {.id = base::format_uuid(discrepancy.id),
          .run_id = base::format_uuid(discrepancy.run_id),
          .latest_run_id = base::format_uuid(discrepancy.latest_run_id),
          .kind = discrepancy.kind,
          .subject = discrepancy.subject,
          .subject_name = discrepancy.subject_name,
          .first_day = base::format_date(discrepancy.from),
          .last_day = base::format_date(discrepancy.to),
          .time_zone = discrepancy.time_zone,
          .currency = std::string(discrepancy.currency.text()),
          .state = std::string(name_of(discrepancy.state)),
          .owner = discrepancy.owner,
          .due_date = base::format_date(discrepancy.due_date),
          .resolution_code = std::string(name_of(discrepancy.resolution)),
          .resolution_text = discrepancy.resolution_text,
          .alert_id = id_or_nothing(discrepancy.alert_id),
          .alert_state = std::string(name_of(discrepancy.alert_state)),
          .our_commission = discrepancy.our_commission_minor,
          .their_commission = discrepancy.their_commission_minor,
          .variance_numerator = discrepancy.variance.numerator,
          .variance_denominator = discrepancy.variance.denominator,
          .created_at = discrepancy.created_at.us,
          .updated_at = discrepancy.updated_at.us,
          .resolved_at = discrepancy.resolved_at.us,
          .version = discrepancy.version};
}

Discrepancy from_discrepancy_row(const DiscrepancyRow& row) {
  Discrepancy discrepancy;
  const auto from = base::parse_date(row.first_day);
  const auto to = base::parse_date(row.last_day);
  const auto due = base::parse_date(row.due_date);
  const auto currency = base::parse_currency(row.currency);
  const auto state = parse_discrepancy_state(row.state);
  const auto alert_state = parse_alert_state(row.alert_state);
  const auto resolution = row.resolution_code.empty() ? base::Result<Resolution>(Resolution::kUnresolved)
                                                      : parse_resolution(row.resolution_code);
  if (!base::parse_uuid_into(row.id, discrepancy.id) || !base::parse_uuid_into(row.run_id, discrepancy.run_id) ||
      !base::parse_uuid_into(row.latest_run_id, discrepancy.latest_run_id) ||
      !read_id_or_nothing(row.alert_id, discrepancy.alert_id) || !from || !to || !due || !currency || !state ||
      !alert_state || !resolution) {
    throw std::runtime_error("discrepancies holds a row that cannot be read");
  }
  discrepancy.kind = row.kind;
  discrepancy.subject = row.subject;
  discrepancy.subject_name = row.subject_name;
  discrepancy.from = *from;
  discrepancy.to = *to;
  discrepancy.time_zone = row.time_zone;
  discrepancy.currency = *currency;
  discrepancy.our_commission_minor = row.our_commission;
  discrepancy.their_commission_minor = row.their_commission;
  discrepancy.variance = {row.variance_numerator, row.variance_denominator};
  discrepancy.state = *state;
  discrepancy.owner = row.owner;
  discrepancy.due_date = *due;
  discrepancy.resolution = *resolution;
  discrepancy.resolution_text = row.resolution_text;
  discrepancy.alert_state = *alert_state;
  discrepancy.created_at = {row.created_at};
  discrepancy.updated_at = {row.updated_at};
  discrepancy.resolved_at = {row.resolved_at};
  discrepancy.version = row.version;
  return discrepancy;
}

std::vector<Discrepancy> select_discrepancies(soci::session& session,
                                              const std::string& tail,
                                              const NoteBindings& bindings) {
  std::vector<Discrepancy> found;
  for (const DiscrepancyRow& row : records::query_rows<DiscrepancyRow>(session, kDiscrepancyTable, tail, bindings)) {
    found.push_back(from_discrepancy_row(row));
  }
  return found;
}

}  // namespace

void insert(soci::session& session, const Discrepancy& discrepancy) {
  records::insert_row(session, kDiscrepancyTable, to_discrepancy_row(discrepancy));
}

bool update(soci::session& session, const Discrepancy& discrepancy) {
  return records::update_row(session,
                             kDiscrepancyTable,
                             to_discrepancy_row(discrepancy),
                             {"run_id", "kind", "subject", "first_day", "currency", "alert_id", "created_at"});
}

std::optional<Discrepancy> find_discrepancy(soci::session& session, const base::Uuid& id) {
  auto found = select_discrepancies(session, "WHERE id = :id", {{"id", base::format_uuid(id)}});
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

// An update that changes nothing locks the rows on PostgreSQL; SQLite has one writer anyway.
std::optional<Discrepancy> lock_discrepancy(soci::session& session, const base::Uuid& id) {
  const NoteBindings bindings = {{"id", base::format_uuid(id)}};
  (void)records::change_rows(session, "UPDATE discrepancies SET version = version WHERE id = :id", bindings);
  return find_discrepancy(session, id);
}

std::vector<Discrepancy> lock_discrepancies(soci::session& session,
                                            const std::string& kind,
                                            const std::string& subject,
                                            base::Date from) {
  const std::string where = "WHERE kind = :kind AND subject = :subject AND first_day = :first_day";
  const NoteBindings bindings = {{"kind", kind}, {"subject", subject}, {"first_day", base::format_date(from)}};
  (void)records::change_rows(session, "UPDATE discrepancies SET version = version " + where, bindings);
  return select_discrepancies(session, where + " ORDER BY id DESC", bindings);
}

std::vector<Discrepancy> load_discrepancies(soci::session& session,
                                            const DiscrepancyFilter& filter,
                                            std::string_view after,
                                            std::int64_t max_discrepancies) {
  std::string tail = "WHERE id > :after";
  NoteBindings bindings = {{"after", std::string(after)}};
  if (filter.state) {
    tail += " AND state = :state";
    bindings.emplace_back("state", std::string(name_of(*filter.state)));
  }
  if (filter.is_unresolved_only) {
    tail += " AND state <> 'resolved'";
  }
  if (!filter.subject.empty()) {
    tail += " AND subject = :subject";
    bindings.emplace_back("subject", filter.subject);
  }
  if (!filter.owner.empty()) {
    tail += " AND owner = :owner";
    bindings.emplace_back("owner", filter.owner);
  }
  tail += " ORDER BY id LIMIT :max_rows";
  bindings.emplace_back("max_rows", max_discrepancies);
  return select_discrepancies(session, tail, bindings);
}

std::vector<Discrepancy> load_unsettled(soci::session& session, std::int64_t max_discrepancies) {
  return select_discrepancies(session,
                              "WHERE alert_state IN ('wanted', 'settling') ORDER BY id LIMIT :max_rows",
                              {{"max_rows", max_discrepancies}});
}

std::vector<Discrepancy> load_of_run(soci::session& session, const base::Uuid& run_id) {
  return select_discrepancies(
      session,
      "WHERE id IN (SELECT discrepancy_id FROM discrepancy_notes WHERE run_id = :run_id) ORDER BY id",
      {{"run_id", base::format_uuid(run_id)}});
}

void update_alert(
    soci::session& session, const base::Uuid& id, AlertState before, AlertState after, const base::Uuid& alert_id) {
  (void)records::change_rows(session,
                             "UPDATE discrepancies SET alert_id = :alert_id, alert_state = CASE WHEN alert_state = "
                             ":state_before THEN :state_after ELSE alert_state END WHERE id = :id",
                             NoteBindings{{"alert_id", id_or_nothing(alert_id)},
                                          {"state_before", std::string(name_of(before))},
                                          {"state_after", std::string(name_of(after))},
                                          {"id", base::format_uuid(id)}});
}

void insert_note(soci::session& session, const base::Uuid& discrepancy_id, const DiscrepancyNote& note) {
  records::insert_row(session,
                      kNoteTable,
                      NoteRow{.id = base::format_uuid(note.id),
                              .discrepancy_id = base::format_uuid(discrepancy_id),
                              .run_id = id_or_nothing(note.run_id),
                              .author = note.author,
                              .text = note.text,
                              .created_at = note.created_at.us});
}

std::vector<DiscrepancyNote> load_notes(soci::session& session, const base::Uuid& discrepancy_id) {
  std::vector<DiscrepancyNote> notes;
  for (const NoteRow& row :
       records::query_rows<NoteRow>(session,
                                    kNoteTable,
                                    "WHERE discrepancy_id = :discrepancy_id ORDER BY id",
                                    NoteBindings{{"discrepancy_id", base::format_uuid(discrepancy_id)}})) {
    DiscrepancyNote note;
    if (!base::parse_uuid_into(row.id, note.id) || !read_id_or_nothing(row.run_id, note.run_id)) {
      throw std::runtime_error("discrepancy_notes holds a row that cannot be read");
    }
    note.author = row.author;
    note.text = row.text;
    note.created_at = {row.created_at};
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace tallystick::reconcile
