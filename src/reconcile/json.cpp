#include "reconcile/json.h"

#include <algorithm>
#include <set>

#include "reconcile/arithmetic.h"
#include "reconcile/cause_titles.h"

namespace tallystick::reconcile {
namespace {

namespace json = boost::json;

constexpr std::string_view kMinorSuffix = "_minor";

void add_amount(json::object& object,
                std::string_view name,
                std::int64_t amount_minor,
                const base::Currency& currency) {
  object[std::string(name).append(kMinorSuffix)] = amount_minor;
  object[name] = base::format_amount({amount_minor, currency});
}

json::value text_or_none(std::string_view text) {
  return text.empty() ? json::value() : json::value(text);
}

json::value time_or_none(std::int64_t time_us) {
  return time_us == 0 ? json::value() : json::value(base::format_rfc3339({time_us}));
}

json::value id_or_none(const base::Uuid& id) {
  return id.is_nil() ? json::value() : json::value(base::format_uuid(id));
}

json::array causes_json(std::span<const CauseAmount> causes, const base::Currency& currency) {
  json::array array;
  for (const CauseAmount& cause : causes) {
    json::object object{{"cause", name_of(cause.cause)}, {"title", title_of(cause.cause)}};
    add_amount(object, "amount", cause.amount_minor, currency);
    object["records"] = cause.records;
    array.push_back(std::move(object));
  }
  return array;
}

// What the program wrote itself parses; the currency of a row that holds another is shown without decimals.
base::Currency currency_of(std::string_view code) {
  return base::parse_currency(code).value_or(base::Currency{});
}

json::value claim_json(const ItemRecord& item) {
  if (item.claim_key.empty()) {
    return nullptr;
  }
  json::object object{{"key", item.claim_key},
                      {"reference", text_or_none(item.reference)},
                      {"order_id", text_or_none(item.claim_order_id)},
                      {"status", item.claim_status},
                      {"currency", item.claim_currency}};
  const base::Currency currency = currency_of(item.claim_currency);
  add_amount(object, "amount", item.claim_amount, currency);
  add_amount(object, "commission", item.claim_commission, currency);
  object["occurred_at"] = time_or_none(item.claim_occurred_at);
  object["booked_at"] = time_or_none(item.claim_booked_at);
  object["first_seen_at"] = time_or_none(item.claim_first_seen_at);
  object["is_correction"] = item.is_correction != 0;
  return object;
}

json::value truth_json(const ItemRecord& item) {
  if (item.truth_id.empty()) {
    return nullptr;
  }
  json::object object{{"id", item.truth_id},
                      {"kind", item.truth_kind},
                      {"order_id", text_or_none(item.truth_order_id)},
                      {"status", text_or_none(item.truth_status)},
                      {"currency", text_or_none(item.truth_currency)}};
  if (!item.truth_currency.empty()) {
    const base::Currency currency = currency_of(item.truth_currency);
    add_amount(object, "amount", item.truth_amount, currency);
    add_amount(object, "commission", item.truth_commission, currency);
  }
  object["occurred_at"] = time_or_none(item.truth_occurred_at);
  object["is_invalid"] = item.is_invalid != 0;
  return object;
}

json::value match_json(const ItemRecord& item) {
  if (item.rule.empty()) {
    return nullptr;
  }
  json::object object{{"rule", item.rule}, {"confidence_permille", item.confidence}};
  object["runner_up"] = item.runner_up_id.empty()
                            ? json::value()
                            : json::value(json::object{{"truth_id", item.runner_up_id},
                                                       {"confidence_permille", item.runner_up_confidence}});
  return object;
}

json::object days_json(base::Date from, base::Date to) {
  return {{"from", base::format_date(from)}, {"to", base::format_date(to)}};
}

const Finding* find_currency(std::span<const Finding> findings, const base::Currency& currency) {
  const auto found = std::ranges::find(findings, currency, &Finding::currency);
  return found == findings.end() ? nullptr : &*found;
}

std::int64_t amount_of(const Finding& finding, Cause cause) {
  std::int64_t amount = 0;
  for (const CauseAmount& one : finding.causes) {
    amount += one.cause == cause ? one.amount_minor : 0;
  }
  return amount;
}

std::int64_t difference_of(const Finding& finding) {
  return minus(finding.their_commission_minor, finding.our_commission_minor);
}

json::object change_json(const Finding& before, const Finding& now) {
  json::object change{{"currency", now.currency.text()}};
  const auto add = [&](std::int64_t old_amount, std::int64_t new_amount) {
    json::object figures;
    add_amount(figures, "before", old_amount, now.currency);
    add_amount(figures, "now", new_amount, now.currency);
    add_amount(figures, "change", minus(new_amount, old_amount), now.currency);
    return figures;
  };
  change["our_commission"] = add(before.our_commission_minor, now.our_commission_minor);
  change["their_commission"] = add(before.their_commission_minor, now.their_commission_minor);
  change["difference"] = add(difference_of(before), difference_of(now));
  change["variance_pct"] = json::object{{"before", before.variance.percent()}, {"now", now.variance.percent()}};
  json::array causes;
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    const auto cause = static_cast<Cause>(i);
    const std::int64_t old_amount = amount_of(before, cause);
    const std::int64_t new_amount = amount_of(now, cause);
    if (old_amount != new_amount) {
      json::object figures = add(old_amount, new_amount);
      figures["cause"] = name_of(cause);
      causes.push_back(std::move(figures));
    }
  }
  change["causes"] = std::move(causes);
  return change;
}

}  // namespace

json::object to_json(const Finding& finding) {
  json::object object{{"currency", finding.currency.text()},
                      {"our_conversions", finding.our_conversions},
                      {"their_conversions", finding.their_conversions}};
  add_amount(object, "our_amount", finding.our_amount_minor, finding.currency);
  add_amount(object, "their_amount", finding.their_amount_minor, finding.currency);
  add_amount(object, "our_commission", finding.our_commission_minor, finding.currency);
  add_amount(object, "their_commission", finding.their_commission_minor, finding.currency);
  add_amount(object, "difference", difference_of(finding), finding.currency);
  object["variance_pct"] = finding.variance.percent();
  object["is_discrepancy"] = finding.is_discrepancy;
  object["matched"] = finding.matched;
  object["only_ours"] = finding.only_ours;
  object["only_theirs"] = finding.only_theirs;
  object["amount_differences"] = finding.amount_differences;
  object["status_differences"] = finding.status_differences;
  object["causes"] = causes_json(finding.causes, finding.currency);
  return object;
}

json::object to_json(const Run& run) {
  const RunRequest& request = run.request;
  json::array findings;
  for (const Finding& finding : run.findings) {
    findings.push_back(to_json(finding));
  }
  return {{"id", base::format_uuid(run.id)},
          {"kind", request.kind},
          {"subject", request.subject},
          {"subject_name", request.subject_name},
          {"period", days_json(request.from, request.to)},
          {"our_time_zone", request.our_time_zone},
          {"their_time_zone", request.their_time_zone},
          {"tolerance_basis_points", request.tolerance_basis_points},
          {"clicks",
           {{"our_gross", run.clicks.our_gross},
            {"our_net", run.clicks.our_net},
            {"theirs", run.clicks.theirs ? json::value(*run.clicks.theirs) : json::value()}}},
          {"claims", run.claims},
          {"truths", run.truths},
          {"items", run.items},
          {"findings", std::move(findings)},
          {"sources", json::parse(request.sources)},
          {"previous_run_id", id_or_none(run.previous_run_id)},
          {"actor", request.actor},
          {"started_at", base::format_rfc3339(run.started_at)},
          {"finished_at", base::format_rfc3339(run.finished_at)}};
}

json::object to_json(const ItemRecord& item) {
  const base::Currency currency = currency_of(item.currency);
  json::object object{{"position", item.position}, {"kind", item.kind}, {"currency", item.currency}};
  add_amount(object, "our_commission", item.our_counted, currency);
  add_amount(object, "their_commission", item.their_counted, currency);
  add_amount(object, "difference", minus(item.their_counted, item.our_counted), currency);
  object["causes"] = causes_json(causes_of(item), currency);
  object["match"] = match_json(item);
  object["click_id"] = text_or_none(item.click_id);
  object["claim"] = claim_json(item);
  object["truth"] = truth_json(item);
  return object;
}

json::object to_json(const Discrepancy& discrepancy) {
  json::object object{{"id", base::format_uuid(discrepancy.id)},
                      {"run_id", base::format_uuid(discrepancy.run_id)},
                      {"latest_run_id", base::format_uuid(discrepancy.latest_run_id)},
                      {"kind", discrepancy.kind},
                      {"subject", discrepancy.subject},
                      {"subject_name", discrepancy.subject_name},
                      {"period", days_json(discrepancy.from, discrepancy.to)},
                      {"currency", discrepancy.currency.text()}};
  add_amount(object, "our_commission", discrepancy.our_commission_minor, discrepancy.currency);
  add_amount(object, "their_commission", discrepancy.their_commission_minor, discrepancy.currency);
  add_amount(object,
             "difference",
             minus(discrepancy.their_commission_minor, discrepancy.our_commission_minor),
             discrepancy.currency);
  object["variance_pct"] = discrepancy.variance.percent();
  object["state"] = name_of(discrepancy.state);
  object["owner"] = text_or_none(discrepancy.owner);
  object["due_date"] = base::format_date(discrepancy.due_date);
  object["time_zone"] = discrepancy.time_zone;
  object["resolution"] =
      discrepancy.resolution == Resolution::kUnresolved
          ? json::value()
          : json::value(json::object{{"code", name_of(discrepancy.resolution)}, {"text", discrepancy.resolution_text}});
  object["alert_id"] = id_or_none(discrepancy.alert_id);
  object["created_at"] = base::format_rfc3339(discrepancy.created_at);
  object["updated_at"] = base::format_rfc3339(discrepancy.updated_at);
  object["resolved_at"] = time_or_none(discrepancy.resolved_at.us);
  return object;
}

json::object to_json(const DiscrepancyNote& note) {
  return {{"id", base::format_uuid(note.id)},
          {"run_id", id_or_none(note.run_id)},
          {"author", note.author},
          {"text", note.text},
          {"created_at", base::format_rfc3339(note.created_at)}};
}

json::array changes_between(std::span<const Finding> before, std::span<const Finding> now) {
  std::set<base::Currency> currencies;
  for (const Finding& finding : before) {
    currencies.insert(finding.currency);
  }
  for (const Finding& finding : now) {
    currencies.insert(finding.currency);
  }
  json::array changes;
  for (const base::Currency& currency : currencies) {
    Finding nothing;
    nothing.currency = currency;
    const Finding* old_finding = find_currency(before, currency);
    const Finding* new_finding = find_currency(now, currency);
    changes.push_back(
        change_json(old_finding == nullptr ? nothing : *old_finding, new_finding == nullptr ? nothing : *new_finding));
  }
  return changes;
}

}  // namespace tallystick::reconcile
