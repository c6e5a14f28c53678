#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kPollInterval(250);

std::string member_text(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member == nullptr ? "" : member->is_string() ? std::string(member->get_string()) : json::serialize(*member);
}

std::uint64_t count_of(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member == nullptr ? 0 : member->to_number<std::uint64_t>();
}

base::Result<int> show_status(Context& context) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const json::value status, api.get("/api/warehouse"));
  if (context.is_json) {
    print_json(context.terminal.out, status);
    return kSuccess;
  }
  const json::object& shown = status.as_object();
  fmt::print(context.terminal.out,
             "{} ({}), {}, generation {}\n",
             member_text(shown, "kind"),
             member_text(shown, "endpoint"),
             member_text(shown, "state"),
             member_text(shown, "generation"));
  if (shown.contains("error")) {
    fmt::print(context.terminal.out, "{}\n", member_text(shown, "error"));
  }
  Table table({"log", "loaded", "behind", "seconds behind", "error"});
  for (const json::value& item : shown.at("logs").as_array()) {
    const json::object& log = item.as_object();
    table.add({member_text(log, "log_id"),
               with_thousands(count_of(log, "loaded")),
               log.contains("lag_records") ? with_thousands(count_of(log, "lag_records")) : "",
               log.contains("lag_seconds") ? fmt::format("{:.1f}", log.at("lag_seconds").to_number<double>()) : "",
               member_text(log, "error")});
  }
  table.print(context.terminal.out);
  return kSuccess;
}

// Of the rebuild that this command began, once it has ended.
base::Result<json::object> follow_rebuild(Context& context, ApiClient& api) {
  Progress progress(context.terminal, context.clock, "rebuilding");
  for (;;) {
    TALLY_ASSIGN(const json::value status, api.get("/api/warehouse"));
    const json::object& rebuild = status.at("rebuild").as_object();
    if (member_text(rebuild, "state") != "running") {
      return rebuild;
    }
    const std::uint64_t done = count_of(rebuild, "records");
    const std::uint64_t all = count_of(rebuild, "records_wanted");
    progress.update(done, all, fmt::format("{} of {} records", with_thousands(done), with_thousands(all)));
    std::this_thread::sleep_for(kPollInterval);
  }
}

void print_counts(std::ostream& out, const json::object& rebuild) {
  const json::value* counts = rebuild.if_contains("counts");
  if (counts == nullptr || counts->as_array().empty()) {
    return;
  }
  Table table({"counted", "journal", "new", "before", ""});
  for (const json::value& item : counts->as_array()) {
    const json::object& count = item.as_object();
    const std::uint64_t journal = count_of(count, "journal");
    const std::uint64_t rebuilt = count_of(count, "rebuilt");
    const std::uint64_t before = count_of(count, "before");
    table.add({member_text(count, "name"),
               with_thousands(journal),
               with_thousands(rebuilt),
               with_thousands(before),
               rebuilt != journal  ? "WRONG"
               : before != rebuilt ? "was wrong before"
                                   : "equal"});
  }
  table.print(out);
}

base::Result<int> rebuild(Context& context) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN([[maybe_unused]] const json::value begun, api.post("/api/warehouse/rebuild", json::object{}));
  TALLY_ASSIGN(const json::object ended, follow_rebuild(context, api));
  const bool is_done = member_text(ended, "state") == "done";
  if (context.is_json) {
    print_json(context.terminal.out, ended);
    return is_done ? kSuccess : kFailure;
  }
  print_counts(context.terminal.out, ended);
  if (is_done) {
    fmt::print(context.terminal.out,
               "Rebuilt: generation {} of {} records is read now.\n",
               member_text(ended, "generation"),
               with_thousands(count_of(ended, "records")));
    return kSuccess;
  }
  fmt::print(context.terminal.err,
             "The rebuild failed: {}. The generation before is still read.\n",
             member_text(ended, "error"));
  return kFailure;
}

}  // namespace

void add_warehouse_command(Command app, Context& context) {
  Command command = app.add_subcommand("warehouse", "The tables that reports read");
  command.require_subcommand();
  Command status = command.add_subcommand("status", "Where it is, and how far it is behind the log");
  status.footer("Examples:\n  tallystick warehouse status\n  tallystick warehouse status --json");
  status.set_action(context, [&context] { return show_status(context); });
  Command again = command.add_subcommand("rebuild", "Fill a new generation from the journal, and switch to it");
  again.footer(
      "The running server does it, beside the generation that is read, which stays when the counts of the new one are\n"
      "not those of the journal. Ctrl-C leaves the rebuild going. Exit code 1 when it fails.\n\n"
      "Examples:\n  tallystick warehouse rebuild\n  tallystick warehouse rebuild --json");
  again.set_action(context, [&context] { return rebuild(context); });
}

}  // namespace tallystick::cli
