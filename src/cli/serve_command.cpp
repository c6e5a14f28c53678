#include <memory>
#include <ostream>

#include <fmt/ostream.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "server/application.h"
#include "server/stop_signal.h"

namespace tallystick::cli {
namespace {

base::Result<int> serve(Context& context, bool with_demo_key) {
  server::StopSignal stop_signal;  // before any other thread
  TALLY_ASSIGN(const base::Config config, context.load_config());
  std::ostream& out = context.terminal.out;
  server::StartOptions options;
  options.binary = "/proc/self/exe";  // also when the file was replaced meanwhile
  options.with_demo_key = with_demo_key;
  options.announce = [&out](std::string_view text) {
    fmt::print(out, "{}\n", text);
  };
  TALLY_ASSIGN(const auto application, server::Application::start(config, options));
  fmt::print(out, "Tallystick serves on {}\nStop with Ctrl-C; a second one stops at once.\n", application->local_url());
  out.flush();
  [[maybe_unused]] const int number = stop_signal.wait();
  application->stop();
  return kSuccess;
}

}  // namespace

void add_serve_command(Command app, Context& context) {
  Command command = app.add_subcommand("serve", "Run the server");
  command.footer(
      "The first start makes the data directory, the keys and one administrator API key, which is shown once.\n"
      "SIGTERM and Ctrl-C stop gracefully: what was accepted is answered, the log is synced and signed.\n\n"
      "Examples:\n  tallystick serve\n  tallystick serve --config /etc/tallystick.toml\n"
      "  TALLYSTICK_HTTP_PORT=9000 TALLYSTICK_JOURNAL_SYNC=interval tallystick serve");
  const auto with_demo_key = std::make_shared<bool>(false);
  command.add_flag(
      "--demo-key", *with_demo_key, "Leave an API key for `tallystick demo` in the data directory (mode 0600)");
  command.set_action(context, [&context, with_demo_key] { return serve(context, *with_demo_key); });
}

}  // namespace tallystick::cli
