#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/encoding.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/partner_report_commands.h"
#include "cli/report_tables.h"

namespace tallystick::cli {
namespace {

struct Arguments {
  std::string subject;  // of reports about one thing
  std::string from, to, days, time_zone, basis, model, section;
  std::string kind, verdict_class, placement, partner, merchant, cursor;
  std::int64_t limit = 50;
  bool is_exact = false;
  bool is_csv = false;
};

struct ReportKind {
  std::string_view name;
  std::string_view description;
  std::string_view path;     // {} is the subject
  std::string_view subject;  // empty: none
  bool has_model = false;
  bool is_of_events = false;
  bool is_filtered = false;  // by merchant and placement
};

constexpr auto kReports = std::to_array<ReportKind>({
    {"placements", "What every placement showed, to how many, and how full it was", "/api/insights/placements", ""},
    {"placement", "Who fills a placement, and at which hours it is seen", "/api/insights/placements/{}", "PLACEMENT"},
    {"merchant", "Where a merchant was shown, and what came of it", "/api/insights/merchants/{}", "MERCHANT", true},
    {"performance", "Clicks, conversions and revenue by placement", "/api/insights/performance", "", true},
    {"partner", "What a partner's links bring", "/api/partners/{}/performance", "PARTNER"},
    {"events", "The newest events with their verdicts", "/api/insights/events", "", false, true},
    {"frequency", "Users by the number of impressions they had", "/api/insights/frequency", "", false, false, true},
});

std::string make_target(const ReportKind& kind, const Arguments& arguments) {
  std::string target = fmt::format(fmt::runtime(kind.path), base::percent_encode(arguments.subject));
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      target += fmt::format("{}{}={}", std::exchange(separator, '&'), name, base::percent_encode(value));
    }
  };
  add("from", arguments.from);
  add("to", arguments.to);
  add("days", arguments.days);
  add("time_zone", arguments.time_zone);
  add("basis", arguments.basis);
  add("exact", arguments.is_exact ? "true" : "");
  add("model", arguments.model);
  add("kind", arguments.kind);
  add("class", arguments.verdict_class);
  add("placement", arguments.placement);
  add("partner", arguments.partner);
  add("merchant", arguments.merchant);
  add("cursor", arguments.cursor);
  add("limit", kind.is_of_events ? fmt::format("{}", arguments.limit) : "");
  add("format", arguments.is_csv ? "csv" : "json");
  add("section", arguments.section);
  return target;
}

base::Result<int> show(Context& context, const ReportKind& kind, const Arguments& arguments) {
  if (!arguments.section.empty() && !arguments.is_csv) {
    return base::fail(base::ErrorKind::kInvalid, "bad_parameters", "--section chooses what --csv prints");
  }
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  const std::string target = make_target(kind, arguments);
  if (arguments.is_csv) {
    TALLY_ASSIGN(const std::string csv, api.get_text(target));
    context.terminal.out << csv;
    return kSuccess;
  }
  TALLY_ASSIGN(const boost::json::value report, api.get(target));
  if (context.is_json) {
    print_json(context.terminal.out, report);
  } else {
    print_report(context.terminal.out, report.as_object());
  }
  return kSuccess;
}

void add_report(Command show_command, Context& context, const ReportKind& kind) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = show_command.add_subcommand(std::string(kind.name), std::string(kind.description));
  const std::string example = kind.subject.empty() ? std::string(kind.name) : fmt::format("{} acme", kind.name);
  command.footer(
      fmt::format("Examples:\n  tallystick report show {0}\n  tallystick report show {0} --days 30 --time-zone "
                  "Europe/Berlin --basis gross\n  tallystick report show {0} --from 2026-11-01 --to 2026-11-30 --csv",
                  example));
  if (!kind.subject.empty()) {
    command.add_option(std::string(kind.subject), arguments->subject, "Its slug or id").required();
  }
  command.add_option("--from", arguments->from, "First day (2026-01-31), or a moment (RFC 3339)");
  command.add_option("--to", arguments->to, "Last day, included; or the moment before which the period ends");
  command.add_option("--days", arguments->days, "So many days, today the last of them (default: 7)");
  command.add_option("--time-zone", arguments->time_zone, "IANA name (default: the server's reports.time_zone)");
  command.add_option("--basis", arguments->basis, "net (default) or gross");
  command.add_flag("--exact", arguments->is_exact, "Recount what is otherwise estimated; slower");
  command.add_flag("--csv", arguments->is_csv, "Print CSV");
  command.add_option("--section", arguments->section, "Which part of the report --csv prints (default: the first)");
  if (kind.has_model) {
    command.add_option("--model", arguments->model, "last (default), first, linear, time_decay or position");
  }
  if (kind.is_of_events) {
    command.add_option("--kind", arguments->kind, "Only impression, click or conversion");
    command.add_option("--class", arguments->verdict_class, "Only valid, suspect, givt or sivt");
    command.add_option("--partner", arguments->partner, "Only of this partner");
    command.add_option("--limit", arguments->limit, "At most so many").in_range(1, 500).show_default();
    command.add_option("--cursor", arguments->cursor, "Continue where the page before ended");
  }
  if (kind.is_of_events || kind.is_filtered) {
    command.add_option("--placement", arguments->placement, "Only of this placement");
    command.add_option("--merchant", arguments->merchant, "Only of this merchant");
  }
  command.set_action(context, [&context, &kind, arguments] { return show(context, kind, *arguments); });
}

}  // namespace

void add_report_command(Command app, Context& context) {
  Command command = app.add_subcommand("report", "Figures from the warehouse, and reports of partners");
  command.require_subcommand();
  Command show_command = command.add_subcommand("show", "Print a report as tables, JSON or CSV");
  show_command.require_subcommand();
  for (const ReportKind& kind : kReports) {
    add_report(show_command, context, kind);
  }
  add_partner_report_commands(command, context);
}

}  // namespace tallystick::cli
