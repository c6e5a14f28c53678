#include <memory>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "base/file.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

base::Result<int> check(Context& context) {
  TALLY_ASSIGN(const base::Config config, context.load_config());
  if (context.is_json) {
    json::array settings;
    for (const base::Setting& setting : config.settings()) {
      settings.push_back(
          {{"key", setting.key}, {"value", config.shown(setting.key)}, {"origin", config.origin(setting.key)}});
    }
    print_json(context.terminal.out, json::object{{"ok", true}, {"settings", std::move(settings)}});
    return kSuccess;
  }
  Table table({"setting", "value", "from"});
  for (const base::Setting& setting : config.settings()) {
    table.add({std::string(setting.key), config.shown(setting.key), config.origin(setting.key)});
  }
  table.print(context.terminal.out);
  fmt::print(context.terminal.out, "\nThe configuration is good.\n");
  return kSuccess;
}

base::Result<int> reference(Context& context, const std::string& file) {
  const std::string page = base::config_reference(server::settings());
  if (file.empty()) {
    context.terminal.out << page;
  } else {
    TALLY_TRY(base::write_file_atomically(file, page));
  }
  return kSuccess;
}

}  // namespace

void add_config_command(Command app, Context& context) {
  Command command = app.add_subcommand("config", "Check the configuration or print its reference");
  command.require_subcommand();

  Command check_command =
      command.add_subcommand("check", "Report every error in the configuration, or show all values");
  check_command.footer(
      "Examples:\n  tallystick config check --config tallystick.toml\n  TALLYSTICK_JOURNAL_SYNC=interval tallystick "
      "config check");
  check_command.set_action(context, [&context] { return check(context); });

  Command reference_command = command.add_subcommand("reference", "Print every setting as a Markdown page");
  reference_command.footer(
      "Examples:\n  tallystick config reference\n  tallystick config reference --output docs/configuration.md");
  const auto output = std::make_shared<std::string>();
  reference_command.add_option("--output", *output, "Write the page to this file").type_name("FILE");
  reference_command.set_action(context, [&context, output] { return reference(context, *output); });
}

}  // namespace tallystick::cli
