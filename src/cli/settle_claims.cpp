#include "cli/settle_claims.h"

#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/encoding.h"
#include "cli/settle_networks.h"
#include "reconcile/model.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kSettlePoll(200);
constexpr std::int64_t kSettleTimeoutUs = 10 * base::kMicrosPerMinute;

std::string settle_text(const json::value& object, std::string_view name) {
  const json::value* member = object.as_object().if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::int64_t settle_count(const json::value& object, std::string_view name) {
  const json::value* member = object.as_object().if_contains(name);
  return member != nullptr && member->is_number() ? member->to_number<std::int64_t>() : 0;
}

struct ClickCounts {
  std::int64_t gross = 0;
  std::int64_t net = 0;
};

// Of our month.
ClickCounts planted_clicks(const SettlePlan& plan, std::size_t network) {
  ClickCounts counts;
  const reconcile::Period& period = plan.periods[network];
  for (const SettleVisit& visit : plan.visits) {
    if (plan.slots[visit.slot].network == network && visit.clicked_at >= period.from && visit.clicked_at < period.to) {
      ++counts.gross;
      counts.net += visit.is_crawler || visit.is_found_out ? 0 : 1;
    }
  }
  return counts;
}

SettleFinding compare_finding(const std::string& partner,
                              const base::Currency& currency,
                              const SettleExpectation& planted,
                              const json::value* found) {
  SettleFinding out;
  out.partner = partner;
  out.currency = currency;
  const json::value nothing = json::object();
  const json::value& finding = found == nullptr ? nothing : *found;
  out.variance_percent = settle_text(finding, "variance_pct");
  out.sides = {{"our commission", planted.our_commission_minor, settle_count(finding, "our_commission_minor")},
               {"their commission", planted.their_commission_minor, settle_count(finding, "their_commission_minor")}};
  std::map<std::string, SettleFigure> causes;
  for (const auto& [cause, amount] : planted.causes) {
    const std::string name(reconcile::name_of(cause));
    causes[name] = {.name = name, .planted = amount.amount_minor, .planted_records = amount.records};
  }
  if (const json::value* list = finding.as_object().if_contains("causes"); list != nullptr && list->is_array()) {
    for (const json::value& cause : list->get_array()) {
      SettleFigure& figure = causes[settle_text(cause, "cause")];
      figure.name = settle_text(cause, "cause");
      figure.found = settle_count(cause, "amount_minor");
      figure.found_records = settle_count(cause, "records");
    }
  }
  for (auto& [name, figure] : causes) {
    out.causes.push_back(std::move(figure));
  }
  return out;
}

}  // namespace

template <typename IsDone>
base::Result<json::value> SettleClaims::wait_for(const std::string& path, const IsDone& is_done) {
  const std::int64_t deadline_us = clock_.monotonic_us() + kSettleTimeoutUs;
  for (;;) {
    TALLY_ASSIGN(json::value answer, api_.get(path));
    if (is_done(answer)) {
      return answer;
    }
    if (clock_.monotonic_us() > deadline_us) {
      return base::fail(base::ErrorKind::kTimeout,
                        "settle_timeout",
                        "after ten minutes this is not done: " + json::serialize(answer));
    }
    std::this_thread::sleep_for(kSettlePoll);
  }
}

base::Result<void> SettleClaims::import_file(std::string_view partner,
                                             const SettleFile& file,
                                             std::int64_t new_rows,
                                             std::int64_t unchanged_rows,
                                             SettleReport& report) {
  const std::string path = fmt::format("/api/partners/{}/reports", partner);
  TALLY_ASSIGN(
      const json::value begun,
      api_.send_bytes(
          http::Method::kPost, fmt::format("{}?file_name={}", path, base::percent_encode(file.name)), file.bytes));
  TALLY_ASSIGN(const json::value done,
               wait_for(fmt::format("{}/{}", path, settle_text(begun, "id")), [](const json::value& import) {
                 const std::string state = settle_text(import, "state");
                 return state == "complete" || state == "refused";
               }));
  if (settle_text(done, "state") == "refused") {
    return base::fail(base::ErrorKind::kUnprocessable,
                      "import_refused",
                      fmt::format("{}: {}", file.name, json::serialize(done.as_object().at("error"))));
  }
  const json::value& counts = done.at("counts");
  report.imports.push_back({.partner = std::string(partner),
                            .file = file.name,
                            .profile = settle_text(done, "profile"),
                            .new_rows = {"new", new_rows, settle_count(counts, "new")},
                            .unchanged_rows = {"unchanged", unchanged_rows, settle_count(counts, "unchanged")},
                            .rejected_rows = {"rejected", 0, settle_count(counts, "rejected")}});
  return {};
}

base::Result<void> SettleClaims::import(std::size_t network, std::span<const SettleFile> files, SettleReport& report) {
  const std::string_view partner = settle_networks()[network].slug;
  for (const SettleFile& file : files) {
    TALLY_TRY(import_file(partner, file, file.new_rows, file.repeated_rows, report));
  }
  return import_file(partner, files.front(), 0, files.front().new_rows, report);
}

base::Result<void> SettleClaims::reconcile(std::size_t network, SettleReport& report) {
  const std::string_view partner = settle_networks()[network].slug;
  const json::object days{{"from", base::format_date(settings_.first_day)},
                          {"to", base::format_date(settings_.last_day)}};
  TALLY_ASSIGN(const json::value job, api_.post(fmt::format("/api/partners/{}/reconciliations", partner), days));
  TALLY_ASSIGN(const json::value ended, wait_for("/api/jobs/" + settle_text(job, "id"), [](const json::value& seen) {
                 const std::string state = settle_text(seen, "state");
                 return state == "done" || state == "dead" || state == "cancelled";
               }));
  if (settle_text(ended, "state") != "done") {
    return base::fail(base::ErrorKind::kInternal,
                      "reconciliation_failed",
                      fmt::format("the reconciliation with {}: {}", partner, json::serialize(ended)));
  }
  TALLY_ASSIGN(const json::value run, api_.get("/api/reconciliations/" + settle_text(ended.at("result"), "run")));
  return compare_settle_run(plan_, network, run, report);
}

base::Result<void> compare_settle_run(const SettlePlan& plan,
                                      std::size_t network,
                                      const json::value& run,
                                      SettleReport& report) {
  const std::string partner(settle_networks()[network].slug);
  const json::object* answer = run.if_object();
  const json::value* findings = answer == nullptr ? nullptr : answer->if_contains("findings");
  if (findings == nullptr || !findings->is_array() || !answer->contains("clicks")) {
    return base::fail(base::ErrorKind::kInternal, "bad_answer", "the answer is no reconciliation");
  }
  const ClickCounts clicks = planted_clicks(plan, network);
  report.runs.push_back({.partner = partner,
                         .id = settle_text(run, "id"),
                         .clicks_gross = {"gross", clicks.gross, settle_count(answer->at("clicks"), "our_gross")},
                         .clicks_net = {"net", clicks.net, settle_count(answer->at("clicks"), "our_net")}});
  std::map<std::string, const json::value*> found;
  for (const json::value& finding : findings->get_array()) {
    found[settle_text(finding, "currency")] = &finding;
  }
  for (const auto& [key, expected] : plan.expected) {
    if (key.first == network) {
      found.try_emplace(key.second, nullptr);
    }
  }
  for (const auto& [code, finding] : found) {
    const auto planted = plan.expected.find({network, code});
    TALLY_ASSIGN(const base::Currency currency, base::parse_currency(code));
    report.findings.push_back(compare_finding(
        partner, currency, planted == plan.expected.end() ? SettleExpectation() : planted->second, finding));
  }
  return {};
}

}  // namespace tallystick::cli
