#include "reconcile/statement.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/csv.h"
#include "reconcile/arithmetic.h"

namespace tallystick::reconcile {
namespace {

class StatementLines {
 public:
  explicit StatementLines(const Run& run) : run_(run) {
    csv_ = "subject_name,from,to,currency,section,line,records,amount_minor,amount,text";
    csv_ += base::kCsvLineEnd;
  }

  void count(const Finding& finding, std::string_view section, std::string_view line, std::int64_t records) {
    add(finding.currency, section, line, fmt::format("{}", records), "", "", "");
  }
  void money(const base::Currency& currency,
             std::string_view section,
             std::string_view line,
             std::int64_t records,
             std::int64_t amount_minor) {
    add(currency,
        section,
        line,
        fmt::format("{}", records),
        fmt::format("{}", amount_minor),
        base::format_amount({amount_minor, currency}),
        "");
  }
  void text(const base::Currency& currency, std::string_view section, std::string_view line, std::string_view text) {
    add(currency, section, line, "", "", "", text);
  }
  [[nodiscard]] std::string take() { return std::move(csv_); }

 private:
  void add(const base::Currency& currency,
           std::string_view section,
           std::string_view line,
           std::string_view records,
           std::string_view amount_minor,
           std::string_view amount,
           std::string_view text) {
    csv_ += fmt::format("{},{},{},{},{},{},{},{},{},{}{}",
                        base::csv_field(run_.request.subject_name),
                        base::format_date(run_.request.from),
                        base::format_date(run_.request.to),
                        currency.text(),
                        section,
                        line,
                        records,
                        amount_minor,
                        amount,
                        base::csv_field(text),
                        base::kCsvLineEnd);
  }

  const Run& run_;
  std::string csv_;
};

void add_finding(const Statement& statement, const Finding& finding, StatementLines& lines) {
  const base::Currency& currency = finding.currency;
  lines.money(currency, "sales", "ours", finding.our_conversions, finding.our_amount_minor);
  lines.money(currency, "sales", "theirs", finding.their_conversions, finding.their_amount_minor);
  lines.money(currency, "waterfall", "ours", finding.our_conversions, finding.our_commission_minor);
  for (const CauseAmount& cause : finding.causes) {
    lines.money(currency, "waterfall", name_of(cause.cause), cause.records, cause.amount_minor);
  }
  lines.money(currency, "waterfall", "theirs", finding.their_conversions, finding.their_commission_minor);
  for (const StatusTotal& total : totals_by_status(statement, currency)) {
    lines.money(currency, "their_rows", total.status, total.records, total.counted_minor);
  }
  lines.count(finding, "records", "matched", finding.matched);
  lines.count(finding, "records", "only_ours", finding.only_ours);
  lines.count(finding, "records", "only_theirs", finding.only_theirs);
  lines.text(currency, "variance", "percent", finding.variance.percent());
}

}  // namespace

std::vector<StatusTotal> totals_by_status(const Statement& statement, const base::Currency& currency) {
  std::vector<StatusTotal> totals;
  for (const Status status : {Status::kApproved, Status::kPaid, Status::kPending, Status::kReversed}) {
    StatusTotal total{.status = std::string(name_of(status))};
    for (const ItemTotal& one : statement.totals) {
      if (one.currency == currency.text() && one.claim_status == total.status) {
        total.records += one.records;
        total.counted_minor = minus(total.counted_minor, minus(0, one.their_counted));
      }
    }
    if (total.records > 0) {
      totals.push_back(std::move(total));
    }
  }
  return totals;
}

std::string statement_csv(const Statement& statement) {
  StatementLines lines(statement.run);
  for (const Finding& finding : statement.run.findings) {
    add_finding(statement, finding, lines);
  }
  for (const Discrepancy& discrepancy : statement.discrepancies) {
    lines.text(discrepancy.currency,
               "discrepancy",
               name_of(discrepancy.state),
               discrepancy.state == DiscrepancyState::kResolved ? std::string(name_of(discrepancy.resolution))
                                                                : "due " + base::format_date(discrepancy.due_date));
  }
  return lines.take();
}

}  // namespace tallystick::reconcile
