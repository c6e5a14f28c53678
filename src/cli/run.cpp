#include "cli/run.h"

#include <algorithm>
#include <exception>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

void add_global_options(Command app, Context& context) {
  app.add_flag("--json", context.is_json, "Print JSON instead of text");
  app.add_option("--config",
                 context.config_file,
                 "Configuration file (default: tallystick.toml if there is one; TALLYSTICK_CONFIG)")
      .type_name("FILE");
  app.add_option("--data", context.data_directory, "Data directory (default: setting data.directory)").type_name("DIR");
  app.add_option(
         "--url", context.url, "Address of the running server (default: TALLYSTICK_URL, or from the configuration)")
      .type_name("URL");
  app.add_option("--key-file",
                 context.key_file,
                 "File that holds the API key (default: TALLYSTICK_API_KEY, TALLYSTICK_API_KEY_FILE)")
      .type_name("FILE");
}

base::Result<int> execute(Context& context) {
  try {
    return context.action();
  } catch (const std::exception& exception) {
    return base::fail(base::ErrorKind::kInternal, "unexpected", exception.what());
  }
}

}  // namespace

std::optional<std::string> Context::variable(std::string_view name) const {
  const auto found =
      std::find_if(environment.begin(), environment.end(), [&](const auto& pair) { return pair.first == name; });
  return found == environment.end() ? std::nullopt : std::optional(found->second);
}

base::Result<base::Config> Context::load_config() const {
  server::Environment all = environment;
  if (!data_directory.empty()) {
    std::erase_if(all, [](const auto& pair) { return pair.first == "TALLYSTICK_DATA_DIRECTORY"; });
    all.emplace_back("TALLYSTICK_DATA_DIRECTORY", data_directory);
  }
  std::optional<std::filesystem::path> file;
  if (!config_file.empty()) {
    file = config_file;
  } else if (const auto named = variable("TALLYSTICK_CONFIG"); named && !named->empty()) {
    file = *named;
  }
  return server::load_config(file, all);
}

int run(const std::vector<std::string>& arguments, const server::Environment& environment, Terminal& terminal) {
  Context context{terminal, environment};
  CommandLine line("Counts ad and affiliate events so that both sides can agree on the money.", "tallystick");
  Command app = line.root();
  app.require_subcommand();
  app.footer("Exit codes: 0 success, 1 failure, 2 wrong usage or input, 3 data does not verify, 4 unavailable.");
  add_global_options(app, context);
  add_serve_command(app, context);
  add_demo_command(app, context);
  add_report_command(app, context);
  add_recon_command(app, context);
  add_partner_command(app, context);
  add_link_command(app, context);
  add_coupon_command(app, context);
  add_jobs_command(app, context);
  add_journal_command(app, context);
  add_receipt_command(app, context);
  add_dead_letters_command(app, context);
  add_alerts_command(app, context);
  add_privacy_command(app, context);
  add_principals_command(app, context);
  add_keys_command(app, context);
  add_audit_command(app, context);
  add_config_command(app, context);
  add_doctor_command(app, context);
  add_engine_command(app, context);
  add_migrate_command(app, context);
  add_version_command(app, context);
  add_warehouse_command(app, context);
  if (const auto code = line.parse(arguments, terminal)) {
    return *code;
  }
  const base::Result<int> code = execute(context);
  if (!code) {
    print_error(context, code.error());
    return base::exit_code(code.error().kind);
  }
  terminal.out.flush();
  return *code;
}

}  // namespace tallystick::cli
