#include <memory>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/encoding.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

struct DeadLetterArguments {
  std::string code;
  std::string endpoint;
  std::string state = "open";
  int limit = 50;
  std::vector<std::string> ids;
};

std::string text_of(const json::value& object, std::string_view name) {
  const json::value* member = object.is_object() ? object.get_object().if_contains(name) : nullptr;
  return member == nullptr ? "" : member->is_string() ? std::string(member->get_string()) : json::serialize(*member);
}

base::Result<int> list(Context& context, const DeadLetterArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  std::string path =
      fmt::format("/api/dead-letters?limit={}&state={}", arguments.limit, base::percent_encode(arguments.state));
  if (!arguments.code.empty()) {
    path += "&code=" + base::percent_encode(arguments.code);
  }
  if (!arguments.endpoint.empty()) {
    path += "&endpoint=" + base::percent_encode(arguments.endpoint);
  }
  TALLY_ASSIGN(const json::value page, api.get(path));
  if (context.is_json) {
    print_json(context.terminal.out, page);
    return kSuccess;
  }
  Table table({"id", "received", "endpoint", "code", "state", "detail"});
  for (const json::value& item : page.at("items").as_array()) {
    table.add({text_of(item, "id"),
               text_of(item, "received_at"),
               text_of(item, "endpoint"),
               text_of(item, "code"),
               text_of(item, "state"),
               text_of(item, "detail")});
  }
  table.print(context.terminal.out);
  return kSuccess;
}

base::Result<int> replay(Context& context, const DeadLetterArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  json::object body;
  if (!arguments.ids.empty()) {
    body["ids"] = json::array(arguments.ids.begin(), arguments.ids.end());
  } else {
    body["limit"] = arguments.limit;
    if (!arguments.code.empty()) {
      body["code"] = arguments.code;
    }
    if (!arguments.endpoint.empty()) {
      body["endpoint"] = arguments.endpoint;
    }
  }
  TALLY_ASSIGN(const json::value report, api.post("/api/dead-letters/replay", body));
  if (context.is_json) {
    print_json(context.terminal.out, report);
  } else {
    fmt::print(context.terminal.out,
               "Replayed: {} accepted, {} duplicate, {} rejected again, {} skipped.\n",
               text_of(report, "accepted"),
               text_of(report, "duplicate"),
               text_of(report, "rejected"),
               text_of(report, "skipped"));
  }
  return kSuccess;
}

}  // namespace

void add_dead_letters_command(Command app, Context& context) {
  Command command = app.add_subcommand("dead-letters", "Events that validation refused");
  command.require_subcommand();
  const auto arguments = std::make_shared<DeadLetterArguments>();
  const auto add_filter = [&](Command sub) {
    sub.add_option("--code", arguments->code, "Only those refused with this code, e.g. unknown_merchant");
    sub.add_option("--endpoint", arguments->endpoint, "Only those of impression, exposure, conversion or postback");
    sub.add_option("--limit", arguments->limit, "At most so many").in_range(1, 500).show_default();
  };
  Command list_command = command.add_subcommand("list", "Show them, oldest first");
  list_command.footer(
      "Examples:\n  tallystick dead-letters list --code unknown_merchant\n  tallystick dead-letters list --state "
      "replayed --json");
  add_filter(list_command);
  list_command.add_option("--state", arguments->state, "open, replayed or dismissed").show_default();
  list_command.set_action(context, [&context, arguments] { return list(context, *arguments); });

  Command replay_command =
      command.add_subcommand("replay", "Send them through the checks again, with their first time of receipt");
  replay_command.footer(
      "Nothing counts twice: an event keeps its id.\n\nExamples:\n  tallystick dead-letters replay --code "
      "unknown_merchant\n  tallystick dead-letters replay --id 0190163d-8694-739b-aea5-966c26f8ad90");
  add_filter(replay_command);
  replay_command.add_option("--id", arguments->ids, "Just this one; repeat it for several").type_name("UUID");
  replay_command.set_action(context, [&context, arguments] { return replay(context, *arguments); });
}

}  // namespace tallystick::cli
