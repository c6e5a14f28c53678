#include "settlement/reconciliation_job.h"

#include <algorithm>
#include <set>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "settlement/reconciliation_plan.h"
#include "settlement/reconciliation_sources.h"
#include "settlement/reconciliation_store.h"

namespace tallystick::settlement {
namespace {

namespace json = boost::json;

std::unexpected<base::Error> bad_payload() {
  return base::fail(base::ErrorKind::kInvalid,
                    "bad_job",
                    R"(the payload is {"partner": slug or id, "from": date, "to": date}, perhaps with "import": id)");
}

std::string text_of(const json::object& payload, std::string_view member) {
  const json::value* const value = payload.if_contains(member);
  return value == nullptr || !value->is_string() ? std::string() : std::string(value->get_string());
}

base::Result<ReconciliationService::Order> parse_order(const jobs::Job& job) {
  boost::system::error_code error;
  const json::value payload = json::parse(job.draft.payload, error);
  const json::object* const object = error ? nullptr : payload.if_object();
  if (object == nullptr || text_of(*object, "partner").empty()) {
    return bad_payload();
  }
  ReconciliationService::Order order;
  order.partner = text_of(*object, "partner");
  TALLY_ASSIGN(order.days, parse_days(text_of(*object, "from"), text_of(*object, "to")));
  order.job_id = base::format_uuid(job.id);
  order.actor = job.draft.actor;
  if (const std::string import = text_of(*object, "import"); !import.empty()) {
    // The job was written before its import was to be seen: the time says nothing of which rows a run has.
    TALLY_ASSIGN(order.import_id, base::parse_uuid(import));
  } else {
    order.asked_at = job.created_at;
  }
  return order;
}

json::object result_of(const reconcile::Run& run) {
  json::array findings;
  for (const reconcile::Finding& finding : run.findings) {
    findings.push_back(json::object{{"currency", finding.currency.text()},
                                    {"variance_pct", finding.variance.percent()},
                                    {"is_discrepancy", finding.is_discrepancy}});
  }
  return {{"run", base::format_uuid(run.id)}, {"findings", std::move(findings)}};
}

}  // namespace

jobs::Draft make_reconcile_draft(const PartnerTerms& terms,
                                 const Days& days,
                                 const std::string& actor,
                                 const base::Uuid& import_id) {
  const std::string from = base::format_date(days.from);
  const std::string to = base::format_date(days.to);
  json::object payload{{"partner", base::format_uuid(terms.id)}, {"from", from}, {"to", to}};
  jobs::Draft draft;
  draft.kind = kReconcileJob;
  draft.subject = subject_of(terms.id);
  draft.actor = actor;
  if (!import_id.is_nil()) {
    const std::string import = base::format_uuid(import_id);
    payload["import"] = import;
    draft.dedupe_key = fmt::format("{}:{}:{}:{}:{}", kReconcileJob, draft.subject, from, to, import);
  }
  draft.payload = json::serialize(payload);
  return draft;
}

jobs::Handler make_reconcile_handler(ReconciliationService& service) {
  return [&service](jobs::JobContext& context) -> base::Result<std::string> {
    TALLY_ASSIGN(const ReconciliationService::Order order, parse_order(context.job()));
    TALLY_ASSIGN(const reconcile::Run run,
                 service.run(order,
                             {.report =
                                  [&](std::int64_t done, std::int64_t total, std::string_view note) {
                                    context.set_progress({done, total, std::string(note)});
                                  },
                              .is_cancelled =
                                  [&] {
                                    return context.is_cancelled();
                                  }}));
    return json::serialize(result_of(run));
  };
}

base::Result<std::vector<Days>> ReconciliationScheduler::plan_night(const PartnerTerms& terms) {
  TALLY_ASSIGN(const base::TimeZone zone, base::TimeZone::find(terms.time_zone));
  const base::Timestamp now = rooms_.clock.now();
  const base::Date today = time_zone_.day_of(now);
  using Found = std::optional<base::Timestamp>;
  TALLY_ASSIGN(const Found booked, rooms_.database.read<Found>([&](soci::session& session) -> base::Result<Found> {
    return find_last_booking(session, terms.id, now);
  }));
  std::vector<Days> out;
  if (!booked) {
    return out;
  }
  // On the first of a month yesterday's is last month, which is over.
  const Days month = month_of(today + -1);
  if (const auto days = days_to_reconcile(month, today, zone.day_of(*booked))) {
    out.push_back(*days);
  }
  const Days last = month_before(month);
  TALLY_ASSIGN(const auto run, rooms_.service.find_run(terms.id, last));
  const auto sources = run && run->request.to == last.to ? parse_sources(run->request.sources) : std::nullopt;
  const base::Timestamp since = sources ? sources->claims_at : base::Timestamp{};
  TALLY_ASSIGN(const bool has_new, rooms_.database.read<bool>([&](soci::session& session) -> base::Result<bool> {
    return has_rows_since(session, terms.id, span_of(last, zone), since);
  }));
  if (has_new) {
    out.push_back(last);
  }
  return out;
}

base::Result<std::string> ReconciliationScheduler::queue_nightly(jobs::JobContext& context) {
  TALLY_ASSIGN(const std::vector<PartnerTerms> partners, rooms_.partners.list());
  std::int64_t queued = 0;
  for (std::size_t i = 0; i < partners.size(); ++i) {
    if (context.is_cancelled()) {
      return base::fail(base::ErrorKind::kUnavailable, "cancelled", "the schedule was cancelled");
    }
    context.set_progress({static_cast<std::int64_t>(i), std::ssize(partners), partners[i].slug});
    if (!partners[i].is_active) {
      continue;
    }
    TALLY_ASSIGN(const std::vector<Days> plan, plan_night(partners[i]));
    for (const Days& days : plan) {
      jobs::Draft draft = make_reconcile_draft(partners[i], days, "system");
      // A night that is cut off and done again queues each once.
      draft.dedupe_key =
          fmt::format("{}:{}:{}", draft.subject, base::format_date(days.from), base::format_uuid(context.job().id));
      TALLY_TRY(rooms_.queue.enqueue(draft));
      ++queued;
    }
  }
  return json::serialize(json::object{{"queued", queued}});
}

base::Result<void> ReconciliationScheduler::queue_for_import(soci::session& session,
                                                             const PartnerTerms& terms,
                                                             const base::Uuid& import_id) {
  TALLY_ASSIGN(const base::TimeZone zone, base::TimeZone::find(terms.time_zone));
  const base::Timestamp now = rooms_.clock.now();
  const auto booked = find_last_booking(session, terms.id, now);
  base::Date reach = booked ? zone.day_of(*booked) : base::Date{};
  std::set<base::Date> months;  // their first days
  for (const base::Timestamp moment : load_moments_of_import(session, import_id)) {
    const base::Date day = zone.day_of(moment);
    months.insert(month_of(day).from);
    if (moment < now) {
      reach = std::max(reach, day);  // the import may not count as complete yet
    }
  }
  while (months.size() > kMaxMonthsOfImport) {
    months.erase(months.begin());
  }
  for (const base::Date first : months) {
    if (const auto days = days_to_reconcile(month_of(first), time_zone_.day_of(now), reach)) {
      TALLY_TRY(rooms_.queue.enqueue(session, make_reconcile_draft(terms, *days, "system", import_id)));
    }
  }
  return {};
}

}  // namespace tallystick::settlement
