#include "cli/settle_report.h"

#include <algorithm>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

std::size_t count_different(const std::vector<SettleFigure>& figures) {
  return static_cast<std::size_t>(
      std::ranges::count_if(figures, [](const SettleFigure& figure) { return !figure.is_equal(); }));
}

json::object to_json(const SettleFigure& figure) {
  return {{"name", figure.name},
          {"planted_minor", figure.planted},
          {"found_minor", figure.found},
          {"difference_minor", figure.found - figure.planted},
          {"planted_records", figure.planted_records},
          {"found_records", figure.found_records}};
}

json::array to_json(const std::vector<SettleFigure>& figures) {
  json::array out;
  for (const SettleFigure& figure : figures) {
    out.push_back(to_json(figure));
  }
  return out;
}

json::object to_json(const SettleReport& report) {
  json::array imports;
  for (const SettleImport& import : report.imports) {
    imports.push_back({{"partner", import.partner},
                       {"file", import.file},
                       {"profile", import.profile},
                       {"new", import.new_rows.found},
                       {"unchanged", import.unchanged_rows.found},
                       {"rejected", import.rejected_rows.found}});
  }
  json::array findings;
  for (const SettleFinding& finding : report.findings) {
    findings.push_back({{"partner", finding.partner},
                        {"currency", std::string(finding.currency.text())},
                        {"variance_percent", finding.variance_percent},
                        {"sides", to_json(finding.sides)},
                        {"causes", to_json(finding.causes)}});
  }
  json::array runs;
  for (const SettleRun& run : report.runs) {
    runs.push_back({{"partner", run.partner},
                    {"id", run.id},
                    {"clicks_gross", run.clicks_gross.found},
                    {"clicks_net", run.clicks_net.found}});
  }
  return {{"seed", report.seed},
          {"month", report.month},
          {"seconds", report.seconds},
          {"records", report.traffic.records},
          {"impressions", report.traffic.impressions},
          {"clicks", report.traffic.clicks},
          {"conversion_events", report.traffic.conversions},
          {"verdict_revisions", report.traffic.revisions},
          {"data_directory", report.data_directory},
          {"reports_directory", report.reports_directory},
          {"key_file", report.key_file},
          {"imports", std::move(imports)},
          {"findings", std::move(findings)},
          {"runs", std::move(runs)},
          {"differences", report.differences()}};
}

std::string shown(const SettleFigure& figure) {
  return figure.is_equal() ? "equal" : figure.found == figure.planted ? "WRONG RECORDS" : "WRONG";
}

void print_imports(std::ostream& out, const std::vector<SettleImport>& imports) {
  Table table({"partner", "file", "recognised as", "new", "unchanged", "rejected", ""});
  for (const SettleImport& import : imports) {
    const bool is_equal =
        import.new_rows.is_equal() && import.unchanged_rows.is_equal() && import.rejected_rows.is_equal();
    table.add({import.partner,
               import.file,
               import.profile,
               fmt::format("{}", import.new_rows.found),
               fmt::format("{}", import.unchanged_rows.found),
               fmt::format("{}", import.rejected_rows.found),
               is_equal ? "equal" : "WRONG"});
  }
  table.print(out);
}

void print_runs(std::ostream& out, const std::vector<SettleRun>& runs) {
  Table table({"partner", "reconciliation", "clicks gross", "net", ""});
  for (const SettleRun& run : runs) {
    table.add({run.partner,
               run.id,
               fmt::format("{}", run.clicks_gross.found),
               fmt::format("{}", run.clicks_net.found),
               run.clicks_gross.is_equal() && run.clicks_net.is_equal() ? "equal" : "WRONG"});
  }
  table.print(out);
}

void print_finding(std::ostream& out, const SettleFinding& finding) {
  fmt::print(out,
             "\n{}, {}: variance {} %\n",
             finding.partner,
             finding.currency.text(),
             finding.variance_percent.empty() ? "-" : finding.variance_percent);
  const auto amount = [&finding](std::int64_t minor) {
    return base::format_amount({minor, finding.currency});
  };
  Table table({"cause", "planted", "found", "difference", "records", ""});
  for (const SettleFigure& figure : finding.sides) {
    table.add({figure.name,
               amount(figure.planted),
               amount(figure.found),
               amount(figure.found - figure.planted),
               "",
               shown(figure)});
  }
  for (const SettleFigure& figure : finding.causes) {
    table.add({figure.name,
               amount(figure.planted),
               amount(figure.found),
               amount(figure.found - figure.planted),
               fmt::format("{}", figure.found_records),
               shown(figure)});
  }
  table.print(out);
}

}  // namespace

std::size_t SettleReport::differences() const {
  std::size_t count = 0;
  for (const SettleFinding& finding : findings) {
    count += count_different(finding.sides) + count_different(finding.causes);
  }
  for (const SettleImport& import : imports) {
    count += count_different({import.new_rows, import.unchanged_rows, import.rejected_rows});
  }
  for (const SettleRun& run : runs) {
    count += count_different({run.clicks_gross, run.clicks_net});
  }
  return count;
}

void print_settle_report(Context& context, const SettleReport& report) {
  std::ostream& out = context.terminal.out;
  if (context.is_json) {
    print_json(out, to_json(report));
    return;
  }
  fmt::print(out,
             "{} of traffic (seed {}): {} impressions, {} clicks, {} events of conversions, {} verdicts revised. "
             "{:.1f} s in all.\n\n",
             report.month,
             report.seed,
             with_thousands(report.traffic.impressions),
             with_thousands(report.traffic.clicks),
             with_thousands(report.traffic.conversions),
             with_thousands(report.traffic.revisions),
             report.seconds);
  print_imports(out, report.imports);
  fmt::print(out, "\n");
  print_runs(out, report.runs);
  for (const SettleFinding& finding : report.findings) {
    print_finding(out, finding);
  }
  if (const std::size_t differences = report.differences(); differences > 0) {
    fmt::print(out, "\n{} figures are not what was planted.\n", differences);
  } else {
    fmt::print(out, "\nEvery planted cause was found with its exact amount; nothing is unexplained.\n");
  }
  fmt::print(out,
             "\nReport files: {}\nTo look around:\n"
             "  export TALLYSTICK_DATA_DIRECTORY={} TALLYSTICK_API_KEY_FILE={}\n"
             "  tallystick serve &\n"
             "  tallystick recon list\n",
             report.reports_directory,
             report.data_directory,
             report.key_file);
  if (!report.runs.empty()) {
    fmt::print(out,
               "  tallystick recon show {0}\n"
               "  tallystick recon export {0} --statement -o statement.html\n",
               report.runs.front().id);
  }
}

}  // namespace tallystick::cli
