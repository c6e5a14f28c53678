#include "reconcile/store.h"

#include <map>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "reconcile/item_record.h"
#include "records/row_statements.h"

namespace tallystick::reconcile {
namespace {

using records::Binding;
using Bindings = std::vector<Binding>;

constexpr std::int64_t kNotStated = -1;

// Without `number`, which the database gives.
struct RunRow {
  std::string id, kind, subject, subject_name, first_day, last_day, our_time_zone, their_time_zone, sources, actor,
      previous_run_id, state;
  std::int64_t tolerance_basis_points = 0, our_clicks_gross = 0, our_clicks_net = 0, their_clicks = kNotStated;
  std::int64_t claims = 0, truths = 0, items = 0, started_at = 0, touched_at = 0, finished_at = 0;
};

void for_each_column(RunRow& row, const auto& visit) {
  visit("id", row.id);
  visit("kind", row.kind);
  visit("subject", row.subject);
  visit("subject_name", row.subject_name);
  visit("first_day", row.first_day);
  visit("last_day", row.last_day);
  visit("our_time_zone", row.our_time_zone);
  visit("their_time_zone", row.their_time_zone);
  visit("tolerance_basis_points", row.tolerance_basis_points);
  visit("sources", row.sources);
  visit("actor", row.actor);
  visit("previous_run_id", row.previous_run_id);
  visit("our_clicks_gross", row.our_clicks_gross);
  visit("our_clicks_net", row.our_clicks_net);
  visit("their_clicks", row.their_clicks);
  visit("claims", row.claims);
  visit("truths", row.truths);
  visit("items", row.items);
  visit("state", row.state);
  visit("started_at", row.started_at);
  visit("touched_at", row.touched_at);
  visit("finished_at", row.finished_at);
}

struct RunNumberRow {
  std::int64_t number = 0;
  std::string id;
};

void for_each_column(RunNumberRow& row, const auto& visit) {
  visit("number", row.number);
  visit("id", row.id);
}

struct FindingRow {
  std::int64_t run_number = 0;
  std::string currency;
  std::int64_t our_conversions = 0, their_conversions = 0, our_amount = 0, their_amount = 0, our_commission = 0,
               their_commission = 0, matched = 0, only_ours = 0, only_theirs = 0, amount_differences = 0,
               status_differences = 0, variance_numerator = 0, variance_denominator = 1, is_discrepancy = 0;
};

void for_each_column(FindingRow& row, const auto& visit) {
  visit("run_number", row.run_number);
  visit("currency", row.currency);
  visit("our_conversions", row.our_conversions);
  visit("their_conversions", row.their_conversions);
  visit("our_amount", row.our_amount);
  visit("their_amount", row.their_amount);
  visit("our_commission", row.our_commission);
  visit("their_commission", row.their_commission);
  visit("matched", row.matched);
  visit("only_ours", row.only_ours);
  visit("only_theirs", row.only_theirs);
  visit("amount_differences", row.amount_differences);
  visit("status_differences", row.status_differences);
  visit("variance_numerator", row.variance_numerator);
  visit("variance_denominator", row.variance_denominator);
  visit("is_discrepancy", row.is_discrepancy);
}

struct CauseRow {
  std::int64_t run_number = 0;
  std::string currency;
  std::int64_t position = 0;
  std::string cause;
  std::int64_t amount = 0, records = 0;
};

void for_each_column(CauseRow& row, const auto& visit) {
  visit("run_number", row.run_number);
  visit("currency", row.currency);
  visit("position", row.position);
  visit("cause", row.cause);
  visit("amount", row.amount);
  visit("records", row.records);
}

RunRow to_run_row(const Run& run) {
  RunRow row;
  const RunRequest& request = run.request;
  row.id = base::format_uuid(run.id);
  row.kind = request.kind;
  row.subject = request.subject;
  row.subject_name = request.subject_name;
  row.first_day = base::format_date(request.from);
  row.last_day = base::format_date(request.to);
  row.our_time_zone = request.our_time_zone;
  row.their_time_zone = request.their_time_zone;
  row.tolerance_basis_points = request.tolerance_basis_points;
  row.sources = request.sources;
  row.actor = request.actor;
  row.our_clicks_gross = run.clicks.our_gross;
  row.our_clicks_net = run.clicks.our_net;
  row.their_clicks = run.clicks.theirs.value_or(kNotStated);
  row.claims = run.claims;
  row.truths = run.truths;
  row.items = run.items;
  row.started_at = run.started_at.us;
  return row;
}

Run from_run_row(const RunRow& row) {
  Run run;
  const auto from = base::parse_date(row.first_day);
  const auto to = base::parse_date(row.last_day);
  const bool has_previous = !row.previous_run_id.empty();
  if (!base::parse_uuid_into(row.id, run.id) || !from || !to ||
      (has_previous && !base::parse_uuid_into(row.previous_run_id, run.previous_run_id))) {
    throw std::runtime_error("recon_runs holds a row that cannot be read");
  }
  run.request = {.kind = row.kind,
                 .subject = row.subject,
                 .subject_name = row.subject_name,
                 .from = *from,
                 .to = *to,
                 .our_time_zone = row.our_time_zone,
                 .their_time_zone = row.their_time_zone,
                 .tolerance_basis_points = row.tolerance_basis_points,
                 .sources = row.sources,
                 .actor = row.actor};
  run.clicks = {row.our_clicks_gross,
                row.our_clicks_net,
                row.their_clicks == kNotStated ? std::nullopt : std::optional(row.their_clicks)};
  run.claims = row.claims;
  run.truths = row.truths;
  run.items = row.items;
  run.started_at = {row.started_at};
  run.finished_at = {row.finished_at};
  return run;
}

FindingRow to_finding_row(const Finding& finding, std::int64_t run_number) {
  return {.run_number = run_number,
          .currency = std::string(finding.currency.text()),
          .our_conversions = finding.our_conversions,
          .their_conversions = finding.their_conversions,
          .our_amount = finding.our_amount_minor,
          .their_amount = finding.their_amount_minor,
          .our_commission = finding.our_commission_minor,
          .their_commission = finding.their_commission_minor,
          .matched = finding.matched,
          .only_ours = finding.only_ours,
          .only_theirs = finding.only_theirs,
          .amount_differences = finding.amount_differences,
          .status_differences = finding.status_differences,
          .variance_numerator = finding.variance.numerator,
          .variance_denominator = finding.variance.denominator,
          .is_discrepancy = finding.is_discrepancy ? 1 : 0};
}

Finding from_finding_row(const FindingRow& row) {
  const auto currency = base::parse_currency(row.currency);
  if (!currency) {
    throw std::runtime_error("recon_findings holds a row that cannot be read");
  }
  return {.currency = *currency,
          .our_conversions = row.our_conversions,
          .their_conversions = row.their_conversions,
          .our_amount_minor = row.our_amount,
          .their_amount_minor = row.their_amount,
          .our_commission_minor = row.our_commission,
          .their_commission_minor = row.their_commission,
          .matched = row.matched,
          .only_ours = row.only_ours,
          .only_theirs = row.only_theirs,
          .amount_differences = row.amount_differences,
          .status_differences = row.status_differences,
          .variance = {row.variance_numerator, row.variance_denominator},
          .is_discrepancy = row.is_discrepancy != 0,
          .causes = {}};
}

void insert_findings(soci::session& session, std::int64_t number, std::span<const Finding> findings) {
  FindingRow finding_row;
  CauseRow cause_row;
  records::RowInserter<FindingRow> insert_finding(session, "recon_findings", finding_row);
  records::RowInserter<CauseRow> insert_cause(session, "recon_causes", cause_row);
  for (const Finding& finding : findings) {
    finding_row = to_finding_row(finding, number);
    insert_finding.insert();
    for (std::size_t i = 0; i < finding.causes.size(); ++i) {
      const CauseAmount& cause = finding.causes[i];
      cause_row = {.run_number = number,
                   .currency = finding_row.currency,
                   .position = static_cast<std::int64_t>(i),
                   .cause = std::string(name_of(cause.cause)),
                   .amount = cause.amount_minor,
                   .records = cause.records};
      insert_cause.insert();
    }
  }
}

// Complete runs that `where` selects from `recon_runs`, newest first, with everything but their items.
std::vector<NumberedRun> select_runs(soci::session& session, const std::string& where, const Bindings& bindings) {
  std::vector<NumberedRun> runs;
  std::map<std::int64_t, std::size_t> by_number;
  std::map<std::string, std::int64_t> numbers;
  for (RunNumberRow& row : records::query_rows<RunNumberRow>(session, "recon_runs", where, bindings)) {
    numbers.emplace(std::move(row.id), row.number);
  }
  for (const RunRow& row : records::query_rows<RunRow>(session, "recon_runs", where, bindings)) {
    // A run that became complete between the two is left for the next look.
    if (const auto number = numbers.find(row.id); number != numbers.end()) {
      by_number.emplace(number->second, runs.size());
      runs.push_back({from_run_row(row), number->second});
    }
  }
  const std::string of_runs = fmt::format("WHERE run_number IN (SELECT number FROM recon_runs {}) ORDER BY ", where);
  for (const FindingRow& row :
       records::query_rows<FindingRow>(session, "recon_findings", of_runs + "run_number, currency", bindings)) {
    if (const auto run = by_number.find(row.run_number); run != by_number.end()) {
      runs[run->second].run.findings.push_back(from_finding_row(row));
    }
  }
  for (const CauseRow& row :
       records::query_rows<CauseRow>(session, "recon_causes", of_runs + "run_number, currency, position", bindings)) {
    const auto cause = parse_cause(row.cause);
    if (!cause) {
      throw std::runtime_error("recon_causes holds a row that cannot be read");
    }
    const auto run = by_number.find(row.run_number);
    if (run == by_number.end()) {
      continue;
    }
    for (Finding& finding : runs[run->second].run.findings) {
      if (finding.currency.text() == row.currency) {
        finding.causes.push_back({*cause, row.amount, row.records});
      }
    }
  }
  return runs;
}

}  // namespace

std::int64_t begin_run(soci::session& session, const Run& run, base::Timestamp now) {
  RunRow row = to_run_row(run);
  row.state = "writing";
  row.touched_at = now.us;
  records::insert_row(session, "recon_runs", row);
  std::int64_t number = 0;
  session << "SELECT number FROM recon_runs WHERE id = :id", soci::use(row.id), soci::into(number);
  return number;
}

bool touch_run(soci::session& session, std::int64_t number, base::Timestamp now) {
  return records::change_rows(session,
                              "UPDATE recon_runs SET touched_at = :now WHERE number = :number AND state = 'writing'",
                              Bindings{{"now", now.us}, {"number", number}}) == 1;
}

bool complete_run(soci::session& session, std::int64_t number, const Run& run) {
  insert_findings(session, number, run.findings);
  return records::change_rows(
             session,
             "UPDATE recon_runs SET state = 'complete', previous_run_id = :previous, finished_at = :finished WHERE "
             "number = :number AND state = 'writing'",
             Bindings{{"previous", run.previous_run_id.is_nil() ? "" : base::format_uuid(run.previous_run_id)},
                      {"finished", run.finished_at.us},
                      {"number", number}}) == 1;
}

std::optional<NumberedRun> find_run(soci::session& session, const base::Uuid& id) {
  auto runs = select_runs(session, "WHERE state = 'complete' AND id = :id", Bindings{{"id", base::format_uuid(id)}});
  return runs.empty() ? std::nullopt : std::optional(std::move(runs.front()));
}

std::vector<Run> load_runs(soci::session& session,
                           const RunFilter& filter,
                           std::string_view before_id,
                           std::int64_t max_runs) {
  std::string where = "WHERE state = 'complete'";
  Bindings bindings;
  const auto add = [&](std::string_view condition, const char* name, std::string value) {
    where += fmt::format(" AND {} :{}", condition, name);
    bindings.push_back({name, std::move(value)});
  };
  if (!filter.subject.empty()) {
    add("subject =", "subject", filter.subject);
  }
  if (!before_id.empty()) {
    add("id <", "before", std::string(before_id));
  }
  if (filter.exact_days) {
    add("first_day =", "first", base::format_date(filter.exact_days->first));
    add("last_day =", "last", base::format_date(filter.exact_days->second));
  }
  if (filter.from) {
    add("last_day >=", "lower", base::format_date(*filter.from));
  }
  if (filter.to) {
    add("first_day <=", "upper", base::format_date(*filter.to));
  }
  where += " ORDER BY id DESC LIMIT :max_runs";
  bindings.push_back({"max_runs", max_runs});
  std::vector<Run> runs;
  for (NumberedRun& run : select_runs(session, where, bindings)) {
    runs.push_back(std::move(run.run));
  }
  return runs;
}

std::vector<std::int64_t> abandon_runs(soci::session& session, base::Timestamp older_than) {
  (void)records::change_rows(
      session,
      "UPDATE recon_runs SET state = 'abandoned' WHERE state = 'writing' AND touched_at < :older_than",
      Bindings{{"older_than", older_than.us}});
  std::vector<std::int64_t> numbers;
  for (const RunNumberRow& row :
       records::query_rows<RunNumberRow>(session, "recon_runs", "WHERE state = 'abandoned' ORDER BY number", {})) {
    numbers.push_back(row.number);
  }
  return numbers;
}

void abandon_run(soci::session& session, std::int64_t number) {
  (void)records::change_rows(session,
                             "UPDATE recon_runs SET state = 'abandoned' WHERE number = :number AND state = 'writing'",
                             Bindings{{"number", number}});
}

void remove_run(soci::session& session, std::int64_t number) {
  (void)records::change_rows(
      session, "DELETE FROM recon_runs WHERE number = :number AND state = 'abandoned'", Bindings{{"number", number}});
}

}  // namespace tallystick::reconcile
