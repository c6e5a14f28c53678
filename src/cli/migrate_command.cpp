#include <ostream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "base/file.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "records/database.h"
#include "server/data_directory.h"
#include "server/options.h"

namespace tallystick::cli {
namespace {

base::Result<int> migrate(Context& context) {
  TALLY_ASSIGN(const base::Config config, context.load_config());
  const server::DataDirectory data(config.text("data.directory"));
  TALLY_TRY(base::make_folder(data.root()));
  TALLY_ASSIGN(const auto database, records::Database::open(server::database_options(config, data)));
  TALLY_ASSIGN(const int before, database->schema_version());
  TALLY_ASSIGN(const int after, database->migrate(context.clock.now()));
  if (context.is_json) {
    print_json(context.terminal.out, boost::json::object{{"before", before}, {"after", after}});
  } else if (before == after) {
    fmt::print(context.terminal.out, "The records database is at schema {}: nothing to do.\n", after);
  } else {
    fmt::print(context.terminal.out, "Migrated the records database from schema {} to {}.\n", before, after);
  }
  return kSuccess;
}

}  // namespace

void add_migrate_command(Command app, Context& context) {
  Command command = app.add_subcommand("migrate", "Bring the records database to this version's schema");
  command.footer(
      "The server does this at its start; use it to migrate before a rollout.\n\nExamples:\n  tallystick migrate\n  "
      "tallystick migrate --json");
  command.set_action(context, [&context] { return migrate(context); });
}

}  // namespace tallystick::cli
