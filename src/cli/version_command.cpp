#include <ostream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "server/version.h"

namespace tallystick::cli {

void add_version_command(Command app, Context& context) {
  Command command = app.add_subcommand("version", "Show version and build");
  command.footer("Examples:\n  tallystick version\n  tallystick version --json");
  command.set_action(context, [&context]() -> base::Result<int> {
    if (context.is_json) {
      print_json(context.terminal.out, boost::json::object{{"version", server::kVersion}, {"compiler", __VERSION__}});
    } else {
      fmt::print(context.terminal.out, "tallystick {} (g++ {})\n", server::kVersion, __VERSION__);
    }
    return kSuccess;
  });
}

}  // namespace tallystick::cli
