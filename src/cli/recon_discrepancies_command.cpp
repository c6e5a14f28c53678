#include <memory>
#include <ostream>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/encoding.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/recon_commands.h"
#include "cli/recon_show.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

struct DiscrepancyArguments {
  std::string id, state = "unresolved", partner, owner, due, text, code, cursor;
  int limit = 50;
  bool is_under_way = false;
};

std::string path_of_discrepancy(const DiscrepancyArguments& arguments) {
  return "/api/discrepancies/" + base::percent_encode(arguments.id);
}

base::Result<int> list_discrepancies(Context& context, const DiscrepancyArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  std::string path = fmt::format("/api/discrepancies?limit={}", arguments.limit);
  const auto add = [&](std::string_view name, const std::string& value) {
    path += value.empty() ? "" : fmt::format("&{}={}", name, base::percent_encode(value));
  };
  add("state", arguments.state == "all" ? "" : arguments.state);
  add("subject", arguments.partner);
  add("owner", arguments.owner);
  add("cursor", arguments.cursor);
  TALLY_ASSIGN(const json::value page, api.get(path));
  if (context.is_json) {
    print_json(context.terminal.out, page);
    return kSuccess;
  }
  Table table({"id", "with", "from", "to", "difference", "", "variance %", "state", "owner", "due", ""});
  for (const json::value& item : page.at("items").as_array()) {
    const json::object& discrepancy = item.as_object();
    const json::object& period = discrepancy.at("period").as_object();
    table.add({recon_text(discrepancy, "id"),
               recon_text(discrepancy, "subject_name"),
               recon_text(period, "from"),
               recon_text(period, "to"),
               signed_text(recon_text(discrepancy, "difference")),
               recon_text(discrepancy, "currency"),
               recon_text(discrepancy, "variance_pct"),
               recon_text(discrepancy, "state"),
               recon_text(discrepancy, "owner"),
               recon_text(discrepancy, "due_date"),
               recon_text(discrepancy, "is_overdue") == "true" ? "overdue" : ""});
  }
  if (table.is_empty()) {
    fmt::print(context.terminal.out, "There is no such discrepancy.\n");
    return kSuccess;
  }
  table.print(context.terminal.out);
  if (const std::string cursor = recon_text(page.as_object(), "next_cursor"); !cursor.empty()) {
    fmt::print(context.terminal.out, "More: --cursor {}\n", cursor);
  }
  return kSuccess;
}

base::Result<int> show_one(Context& context, ApiClient& api, const DiscrepancyArguments& arguments) {
  TALLY_ASSIGN(const json::value discrepancy, api.get(path_of_discrepancy(arguments)));
  if (context.is_json) {
    print_json(context.terminal.out, discrepancy);
  } else {
    print_discrepancy(context.terminal.out, discrepancy.as_object());
  }
  return kSuccess;
}

base::Result<int> change_one(Context& context, const DiscrepancyArguments& arguments, const json::object& change) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN([[maybe_unused]] const json::value changed, api.patch(path_of_discrepancy(arguments), change));
  return show_one(context, api, arguments);
}

base::Result<int> assign(Context& context, const DiscrepancyArguments& arguments) {
  json::object change;
  if (!arguments.owner.empty()) {
    change["owner"] = arguments.owner;
  }
  if (!arguments.due.empty()) {
    change["due_date"] = arguments.due;
  }
  if (arguments.is_under_way) {
    change["state"] = "investigating";
  }
  if (change.empty()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_parameters", "give --owner, --due or --investigating");
  }
  return change_one(context, arguments, change);
}

base::Result<int> note(Context& context, const DiscrepancyArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN([[maybe_unused]] const json::value added,
               api.post(path_of_discrepancy(arguments) + "/notes", json::object{{"text", arguments.text}}));
  return show_one(context, api, arguments);
}

base::Result<int> resolve(Context& context, const DiscrepancyArguments& arguments) {
  return change_one(
      context,
      arguments,
      json::object{{"state", "resolved"}, {"resolution", {{"code", arguments.code}, {"text", arguments.text}}}});
}

Command add_step(Command command,
                 const std::shared_ptr<DiscrepancyArguments>& arguments,
                 const std::string& name,
                 const std::string& description,
                 const std::string& example) {
  Command step = command.add_subcommand(name, description);
  step.footer(fmt::format(
      "Examples:\n  tallystick recon discrepancies {} 0190163d-8694-739b-aea5-966c26f8ad90{}", name, example));
  step.add_option("ID", arguments->id, "Id of the discrepancy").required().type_name("UUID");
  return step;
}

}  // namespace

void add_recon_discrepancies_command(Command recon, Context& context) {
  Command command = recon.add_subcommand("discrepancies", "Findings above the tolerance, until they are settled");
  command.require_subcommand();
  const auto arguments = std::make_shared<DiscrepancyArguments>();

  Command list = command.add_subcommand("list", "Show them, oldest first");
  list.footer(
      "Examples:\n  tallystick recon discrepancies list\n  tallystick recon discrepancies list --state all --partner "
      "acme --json");
  list.add_option("--state", arguments->state, "unresolved, open, investigating, resolved or all").show_default();
  list.add_option("--partner", arguments->partner, "Only those with this partner");
  list.add_option("--owner", arguments->owner, "Only those of this owner");
  list.add_option("--limit", arguments->limit, "At most so many").in_range(1, 500).show_default();
  list.add_option("--cursor", arguments->cursor, "Continue where the page before ended");
  list.set_action(context, [&context, arguments] { return list_discrepancies(context, *arguments); });

  Command show = add_step(command, arguments, "show", "Figures, state and notes of one", "");
  show.set_action(context, [&context, arguments]() -> base::Result<int> {
    TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
    return show_one(context, api, *arguments);
  });

  Command owned =
      add_step(command, arguments, "assign", "Say who looks into it, and until when", " --owner jo --due 2026-12-04");
  owned.add_option("--owner", arguments->owner, "Who looks into it");
  owned.add_option("--due", arguments->due, "Until when").type_name("DAY");
  owned.add_flag("--investigating", arguments->is_under_way, "Somebody is at it");
  owned.set_action(context, [&context, arguments] { return assign(context, *arguments); });

  Command noted = add_step(command, arguments, "note", "Add a note", " --text 'asked their support'");
  noted.add_option("--text", arguments->text, "What there is to say").required();
  noted.set_action(context, [&context, arguments] { return note(context, *arguments); });

  Command resolved = add_step(command,
                              arguments,
                              "resolve",
                              "Close it, and its alert",
                              " --as partner_corrects --text 'in the December report'");
  resolved.add_option("--as", arguments->code, "partner_corrects, we_correct, settles_elsewhere, accepted or other")
      .required();
  resolved.add_option("--text", arguments->text, "More about it; other needs one");
  resolved.set_action(context, [&context, arguments] { return resolve(context, *arguments); });
}

}  // namespace tallystick::cli
