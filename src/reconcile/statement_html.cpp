#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "reconcile/arithmetic.h"
#include "reconcile/cause_titles.h"
#include "reconcile/statement.h"

namespace tallystick::reconcile {
namespace {

// Light and dark as the reader has it; on paper always light, no currency torn in two.
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ink:#1c2530;--soft:#5b6875;--line:#d5dbe1;--page:#fff;--plus:#1f7a4d;--minus:#b03a2e}
@media (prefers-color-scheme:dark){:root{--ink:#e6ebf0;--soft:#9aa7b4;--line:#36414c;--page:#151b21;--plus:#4fc08d;--minus:#f0887c}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:52rem;padding:2rem 1.5rem;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:2px solid var(--ink)}h3{font-size:.95rem;margin:1.25rem 0 .25rem}
p{margin:.25rem 0}.soft{color:var(--soft)}
table{width:100%;border-collapse:collapse;margin:.25rem 0 0}
th,td{padding:.3rem .5rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:600}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.total td{font-weight:700;border-top:2px solid var(--ink)}
.bar{width:26%}.bar div{display:flex;height:1.1em;margin-top:.2em}
.bar i{display:block;width:50%}.bar b{display:block;height:100%}
.left{border-right:1px solid var(--soft);direction:rtl}.minus{background:var(--minus)}.plus{background:var(--plus)}
footer{margin-top:2.5rem;padding-top:.5rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
@page{margin:18mm 16mm}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--plus:#1f7a4d;--minus:#b03a2e}body{max-width:none;padding:0;font-size:10.5pt}
section{break-inside:avoid}.bar b{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

std::string signed_amount(std::int64_t amount_minor, const base::Currency& currency) {
  return (amount_minor > 0 ? "+" : "") + base::format_amount({amount_minor, currency});
}

// Per cent of the longest bar, without an overflow.
int bar_width(std::int64_t amount_minor, std::uint64_t largest) {
  return largest == 0
             ? 0
             : static_cast<int>(static_cast<double>(magnitude_of(amount_minor)) * 100.0 / static_cast<double>(largest));
}

std::string bar_cell(std::int64_t amount_minor, std::uint64_t largest) {
  const int width = bar_width(amount_minor, largest);
  const std::string bar =
      fmt::format("<b class=\"{}\" style=\"width:{}%\"></b>", amount_minor < 0 ? "minus" : "plus", width);
  return fmt::format("<td class=\"bar\"><div><i class=\"left\">{}</i><i>{}</i></div></td>",
                     amount_minor < 0 ? bar : "",
                     amount_minor > 0 ? bar : "");
}

std::string waterfall_row(std::string_view title,
                          std::int64_t records,
                          const std::string& amount,
                          const std::string& bar,
                          std::string_view row_class) {
  return fmt::format("<tr{}><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>{}</tr>\n",
                     row_class.empty() ? "" : fmt::format(" class=\"{}\"", row_class),
                     escape_html(title),
                     records,
                     amount,
                     bar);
}

std::string waterfall(const Finding& finding) {
  const base::Currency& currency = finding.currency;
  std::uint64_t largest = 0;
  for (const CauseAmount& cause : finding.causes) {
    largest = std::max(largest, magnitude_of(cause.amount_minor));
  }
  const std::string no_bar = "<td></td>";
  std::string rows = waterfall_row("Our figure",
                                   finding.our_conversions,
                                   base::format_amount({finding.our_commission_minor, currency}),
                                   no_bar,
                                   "total");
  for (const CauseAmount& cause : finding.causes) {
    rows += waterfall_row(title_of(cause.cause),
                          cause.records,
                          signed_amount(cause.amount_minor, currency),
                          bar_cell(cause.amount_minor, largest),
                          "");
  }
  rows += waterfall_row("Their figure",
                        finding.their_conversions,
                        base::format_amount({finding.their_commission_minor, currency}),
                        no_bar,
                        "total");
  return fmt::format(
      "<h3>From our figure to theirs</h3>\n<table><tr><th>Commission</th><th class=\"n\">Records</th><th "
      "class=\"n\">{}</th><th></th></tr>\n{}</table>\n",
      currency.text(),
      rows);
}

std::string figures(const Finding& finding) {
  const base::Currency& currency = finding.currency;
  const auto row = [&](std::string_view side, std::int64_t conversions, std::int64_t amount, std::int64_t commission) {
    return fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
                       side,
                       conversions,
                       base::format_amount({amount, currency}),
                       base::format_amount({commission, currency}));
  };
  return fmt::format(
      "<table><tr><th></th><th class=\"n\">Conversions</th><th class=\"n\">Sales {0}</th><th class=\"n\">Commission "
      "{0}</th></tr>\n{1}{2}</table>\n<p>Difference <strong>{3} {0}</strong>, {4} % of the larger side{5}.</p>\n"
      "<p class=\"soft\">{6} records matched, {7} only ours, {8} only theirs; {9} with another amount, {10} with "
      "another status.</p>\n",
      currency.text(),
      row("Ours", finding.our_conversions, finding.our_amount_minor, finding.our_commission_minor),
      row("Theirs", finding.their_conversions, finding.their_amount_minor, finding.their_commission_minor),
      signed_amount(minus(finding.their_commission_minor, finding.our_commission_minor), currency),
      finding.variance.percent(),
      finding.is_discrepancy ? ", above the tolerance" : ", within the tolerance",
      finding.matched,
      finding.only_ours,
      finding.only_theirs,
      finding.amount_differences,
      finding.status_differences);
}

std::string their_rows(const Statement& statement, const base::Currency& currency) {
  const auto totals = totals_by_status(statement, currency);
  if (totals.empty()) {
    return {};
  }
  std::string rows;
  for (const StatusTotal& total : totals) {
    rows += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
                        escape_html(total.status),
                        total.records,
                        base::format_amount({total.counted_minor, currency}));
  }
  return fmt::format(
      "<h3>Their rows by status</h3>\n<table><tr><th>Status</th><th class=\"n\">Rows</th><th class=\"n\">Counted "
      "{}</th></tr>\n{}</table>\n",
      currency.text(),
      rows);
}

std::string open_points(const Statement& statement) {
  if (statement.discrepancies.empty()) {
    return {};
  }
  std::string rows;
  for (const Discrepancy& discrepancy : statement.discrepancies) {
    const bool is_resolved = discrepancy.state == DiscrepancyState::kResolved;
    rows += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escape_html(describe_difference(discrepancy.currency,
                                        discrepancy.our_commission_minor,
                                        discrepancy.their_commission_minor,
                                        discrepancy.variance)),
        name_of(discrepancy.state),
        is_resolved ? std::string(name_of(discrepancy.resolution)) : "due " + base::format_date(discrepancy.due_date));
  }
  return fmt::format(
      "<section><h2>Discrepancies</h2>\n<table><tr><th>Difference</th><th>State</th><th></th></tr>\n{}"
      "</table></section>\n",
      rows);
}

std::string clicks_line(const ClickFigures& clicks) {
  return fmt::format("<p class=\"soft\">Clicks: ours {} ({} without invalid traffic), theirs {}.</p>\n",
                     clicks.our_gross,
                     clicks.our_net,
                     clicks.theirs ? fmt::format("{}", *clicks.theirs) : std::string("not stated"));
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string statement_html(const Statement& statement) {
  const RunRequest& request = statement.run.request;
  const std::string name = escape_html(request.subject_name.empty() ? request.subject : request.subject_name);
  const std::string days = fmt::format("{} to {}", base::format_date(request.from), base::format_date(request.to));
  std::string body;
  for (const Finding& finding : statement.run.findings) {
    body += fmt::format("<section><h2>{}</h2>\n{}{}{}</section>\n",
                        finding.currency.text(),
                        figures(finding),
                        waterfall(finding),
                        their_rows(statement, finding.currency));
  }
  if (body.empty()) {
    body = "<p>Neither side has anything in this period.</p>\n";
  }
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>Statement {0} {1}</title>\n<style>{2}</style></head>\n"
      "<body><header><h1>Statement: {0}</h1>\n<p>{1}, both days included; ours in {3}, theirs in {4}. Tolerance "
      "{5}.{6:02}&nbsp;%.</p>\n{7}</header>\n{8}{9}<footer>Reconciliation {10}, made {11}, from {12} rows of theirs "
      "and "
      "{13} records of ours.</footer></body></html>\n",
      name,
      days,
      kStyle,
      escape_html(request.our_time_zone),
      escape_html(request.their_time_zone),
      request.tolerance_basis_points / 100,
      request.tolerance_basis_points % 100,
      clicks_line(statement.run.clicks),
      body,
      open_points(statement),
      base::format_uuid(statement.run.id),
      base::format_rfc3339(statement.run.finished_at),
      statement.run.claims,
      statement.run.truths);
}

}  // namespace tallystick::reconcile
