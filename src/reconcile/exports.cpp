#include "reconcile/exports.h"

#include <fmt/format.h>

#include "base/csv.h"
#include "reconcile/arithmetic.h"

namespace tallystick::reconcile {
namespace {

// Builds a line; with `names` the line of names. One list of columns serves both, so that they cannot differ.
class CsvLine {
 public:
  CsvLine(std::string& out, bool is_header) : out_(out), is_header_(is_header) {}

  void text(std::string_view name, std::string_view value) { add(name, base::csv_field(value)); }
  void number(std::string_view name, std::int64_t value) { add(name, fmt::format("{}", value)); }
  // Nothing where the record has no currency.
  void money(std::string_view name, std::int64_t amount_minor, std::string_view currency_code) {
    const auto currency = base::parse_currency(currency_code);
    add(fmt::format("{}_minor", name), currency ? fmt::format("{}", amount_minor) : "");
    add(name, currency ? base::format_amount({amount_minor, *currency}) : "");
  }
  void time(std::string_view name, std::int64_t time_us) {
    add(name, time_us == 0 ? std::string() : base::format_rfc3339({time_us}));
  }
  void flag(std::string_view name, bool is_set) { add(name, is_set ? "true" : "false"); }
  void end() { out_ += base::kCsvLineEnd; }

 private:
  void add(std::string_view name, std::string_view value) {
    out_.append(is_first_ ? "" : ",").append(is_header_ ? name : value);
    is_first_ = false;
  }

  std::string& out_;
  bool is_header_;
  bool is_first_ = true;
};

std::string list_causes(const ItemRecord& item) {
  std::string text;
  for (const CauseAmount& cause : causes_of(item)) {
    text += fmt::format("{}{}", text.empty() ? "" : " ", name_of(cause.cause));
  }
  return text;
}

void add_claim_columns(const ItemRecord& item, CsvLine& line) {
  line.text("claim_key", item.claim_key);
  line.text("claim_reference", item.reference);
  line.text("claim_order_id", item.claim_order_id);
  line.text("claim_status", item.claim_status);
  line.text("claim_currency", item.claim_currency);
  line.money("claim_amount", item.claim_amount, item.claim_currency);
  line.money("claim_commission", item.claim_commission, item.claim_currency);
  line.time("claim_occurred_at", item.claim_occurred_at);
  line.time("claim_booked_at", item.claim_booked_at);
  line.time("claim_first_seen_at", item.claim_first_seen_at);
  line.flag("is_correction", item.is_correction != 0);
}

void add_truth_columns(const ItemRecord& item, CsvLine& line) {
  line.text("truth_id", item.truth_id);
  line.text("truth_kind", item.truth_kind);
  line.text("truth_order_id", item.truth_order_id);
  line.text("truth_status", item.truth_status);
  line.text("truth_currency", item.truth_currency);
  line.money("truth_amount", item.truth_amount, item.truth_currency);
  line.money("truth_commission", item.truth_commission, item.truth_currency);
  line.time("truth_occurred_at", item.truth_occurred_at);
  line.flag("is_invalid", item.is_invalid != 0);
}

void append_item_line(const ItemRecord& item, bool is_header, std::string& csv) {
  CsvLine line(csv, is_header);
  line.number("position", item.position);
  line.text("kind", item.kind);
  line.text("currency", item.currency);
  line.money("our_commission", item.our_counted, item.currency);
  line.money("their_commission", item.their_counted, item.currency);
  line.money("difference", minus(item.their_counted, item.our_counted), item.currency);
  line.text("causes", list_causes(item));
  line.text("rule", item.rule);
  line.text("confidence_permille", item.rule.empty() ? "" : fmt::format("{}", item.confidence));
  line.text("runner_up_id", item.runner_up_id);
  line.text("runner_up_permille", item.runner_up_id.empty() ? "" : fmt::format("{}", item.runner_up_confidence));
  line.text("click_id", item.click_id);
  add_claim_columns(item, line);
  add_truth_columns(item, line);
  line.end();
}

void append_finding_line(const Run& run, const Finding& finding, bool is_header, std::string& csv) {
  const std::string_view currency = finding.currency.text();
  CsvLine line(csv, is_header);
  line.text("run_id", base::format_uuid(run.id));
  line.text("subject", run.request.subject);
  line.text("subject_name", run.request.subject_name);
  line.text("from", base::format_date(run.request.from));
  line.text("to", base::format_date(run.request.to));
  line.text("currency", currency);
  line.number("our_conversions", finding.our_conversions);
  line.number("their_conversions", finding.their_conversions);
  line.money("our_amount", finding.our_amount_minor, currency);
  line.money("their_amount", finding.their_amount_minor, currency);
  line.money("our_commission", finding.our_commission_minor, currency);
  line.money("their_commission", finding.their_commission_minor, currency);
  line.money("difference", minus(finding.their_commission_minor, finding.our_commission_minor), currency);
  line.text("variance_pct", finding.variance.percent());
  line.flag("is_discrepancy", finding.is_discrepancy);
  line.number("matched", finding.matched);
  line.number("only_ours", finding.only_ours);
  line.number("only_theirs", finding.only_theirs);
  line.number("amount_differences", finding.amount_differences);
  line.number("status_differences", finding.status_differences);
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    std::int64_t amount = 0;
    for (const CauseAmount& cause : finding.causes) {
      amount += cause.cause == static_cast<Cause>(i) ? cause.amount_minor : 0;
    }
    line.money(name_of(static_cast<Cause>(i)), amount, currency);
  }
  line.end();
}

}  // namespace

std::string findings_csv(const Run& run) {
  std::string csv;
  append_finding_line(run, {}, true, csv);
  for (const Finding& finding : run.findings) {
    append_finding_line(run, finding, false, csv);
  }
  return csv;
}

std::string items_csv_header() {
  std::string csv;
  append_item_line({}, true, csv);
  return csv;
}

void append_item_csv(const ItemRecord& item, std::string& csv) {
  append_item_line(item, false, csv);
}

}  // namespace tallystick::reconcile
