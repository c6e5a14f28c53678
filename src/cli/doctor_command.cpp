#include <algorithm>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/doctor_checks.h"
#include "cli/journal_check.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

std::vector<Finding> examine(const Context& context) {
  const auto config = context.load_config();
  if (!config) {
    return {
        {"configuration", FindingState::kBad, config.error().message, "mend the configuration, then run doctor again"}};
  }
  const server::DataDirectory data(config->text("data.directory"));
  return {{"configuration", FindingState::kGood, "no errors"},
          check_keys(data),
          check_disk_space(data),
          check_sync_latency(data, context.clock),
          check_clock(context.clock, data),
          check_open_files(*config),
          check_database(*config, data),
          check_engine(*config),
          check_journal(data)};
}

base::Result<int> doctor(Context& context) {
  const std::vector<Finding> findings = examine(context);
  const bool is_bad =
      std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.state == FindingState::kBad; });
  if (context.is_json) {
    json::array list;
    for (const Finding& finding : findings) {
      list.push_back({{"check", finding.check},
                      {"state", name_of(finding.state)},
                      {"detail", finding.detail},
                      {"advice", finding.advice}});
    }
    print_json(context.terminal.out, json::object{{"ok", !is_bad}, {"findings", std::move(list)}});
    return is_bad ? kFailure : kSuccess;
  }
  for (const Finding& finding : findings) {
    fmt::print(context.terminal.out, "{:<8} {:<17} {}\n", name_of(finding.state), finding.check, finding.detail);
    if (!finding.advice.empty()) {
      fmt::print(context.terminal.out, "{:<26} -> {}\n", "", finding.advice);
    }
  }
  return is_bad ? kFailure : kSuccess;
}

}  // namespace

void add_doctor_command(Command app, Context& context) {
  Command command =
      app.add_subcommand("doctor", "Examine configuration, keys, disk, clock, limits, database and journal");
  command.footer(
      "Changes nothing; works while the server runs. Exit code 1 when something is bad.\n\nExamples:\n  tallystick "
      "doctor\n  tallystick doctor --data /var/lib/tallystick --json");
  command.set_action(context, [&context] { return doctor(context); });
}

}  // namespace tallystick::cli
