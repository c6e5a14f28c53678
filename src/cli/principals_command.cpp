#include <memory>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "access/json.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/local_stores.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kListPage = 500;

struct PrincipalsArguments {
  std::string id;
  std::string name;
  std::string role;
  std::string kind = "person";
  std::string tenant;
};

int print_principal(Context& context, const access::Principal& principal, std::string_view done) {
  if (context.is_json) {
    print_json(context.terminal.out, access::to_json(principal));
  } else {
    fmt::print(context.terminal.out,
               "{} ({}, {}{}) is {}.\n",
               base::format_uuid(principal.id),
               principal.name,
               access::name_of(principal.role),
               principal.tenant.empty() ? "" : " of " + principal.tenant,
               done);
  }
  return kSuccess;
}

base::Result<int> create_principal(Context& context, const PrincipalsArguments& arguments) {
  access::PrincipalDraft draft{.name = arguments.name, .tenant = arguments.tenant};
  TALLY_ASSIGN(draft.kind, access::parse_principal_kind(arguments.kind));
  TALLY_ASSIGN(draft.role, access::parse_role(arguments.role));
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  TALLY_ASSIGN(const access::Principal made,
               stores.principals->create(draft, cli_change(context, "principals create")));
  return print_principal(context, made, "there");
}

base::Result<int> change_principal(Context& context, const PrincipalsArguments& arguments) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(arguments.id));
  access::PrincipalChange change;
  if (!arguments.name.empty()) {
    change.name = arguments.name;
  }
  if (!arguments.role.empty()) {
    TALLY_ASSIGN(change.role, access::parse_role(arguments.role));
  }
  if (!change.name && !change.role) {
    return base::fail(base::ErrorKind::kInvalid, "nothing_to_change", "say what changes: --name, --role");
  }
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  TALLY_ASSIGN(const access::Principal changed,
               stores.principals->change(id, change, std::nullopt, cli_change(context, "principals change")));
  return print_principal(context, changed, "changed");
}

base::Result<int> set_principal_disabled(Context& context, const PrincipalsArguments& arguments, bool is_disabled) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(arguments.id));
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  TALLY_ASSIGN(
      const access::Principal changed,
      stores.principals->set_disabled(id,
                                      is_disabled,
                                      std::nullopt,
                                      cli_change(context, is_disabled ? "principals disable" : "principals enable")));
  return print_principal(context,
                         changed,
                         is_disabled ? "disabled, and its keys with it; a running server follows within a second"
                                     : "enabled; a running server follows within a second");
}

base::Result<int> list_principals(Context& context, const PrincipalsArguments& arguments) {
  access::PrincipalFilter filter;
  filter.tenant = arguments.tenant;
  if (!arguments.role.empty()) {
    TALLY_ASSIGN(filter.role, access::parse_role(arguments.role));
  }
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  json::array items;
  Table table({"id", "name", "kind", "role", "tenant", "status", "created"});
  std::string after;
  while (true) {
    TALLY_ASSIGN(const auto page, stores.principals->list(filter, after, kListPage));
    for (const access::Principal& principal : page) {
      json::object object = access::to_json(principal);
      table.add({std::string(object["id"].as_string()),
                 principal.name,
                 std::string(object["kind"].as_string()),
                 std::string(object["role"].as_string()),
                 principal.tenant,
                 std::string(object["status"].as_string()),
                 std::string(object["created_at"].as_string())});
      items.push_back(std::move(object));
    }
    if (std::ssize(page) < kListPage) {
      break;
    }
    after = base::format_uuid(page.back().id);
  }
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"principals", std::move(items)}});
  } else if (items.empty()) {
    fmt::print(context.terminal.out, "There is no such principal. One is made with: tallystick principals create\n");
  } else {
    table.print(context.terminal.out);
  }
  return kSuccess;
}

std::string role_help() {
  std::string text = "Roles:\n";
  for (const access::RoleInfo& role : access::all_roles()) {
    text += fmt::format("  {:<14} {}\n", role.name, role.description);
  }
  return text +
         "\nExamples:\n  tallystick principals create --name 'Ada Lovelace' --role finance\n  tallystick principals "
         "create --name shop-backend --kind program --role merchant --tenant acme";
}

}  // namespace

void add_principals_command(Command app, Context& context) {
  Command command = app.add_subcommand("principals", "People and programs, and what they are here for");
  command.require_subcommand();
  const auto arguments = std::make_shared<PrincipalsArguments>();
  const std::string example_id = "0190163d-8694-739b-aea5-966c26f8ad90";

  Command create_command = command.add_subcommand("create", "Make a principal; keys create --principal gives it a key");
  create_command.footer(role_help());
  create_command.add_option("--name", arguments->name, "Who or what it is").required();
  create_command.add_option("--role", arguments->role, "What it is here for").required();
  create_command.add_option("--kind", arguments->kind, "person or program").show_default();
  create_command.add_option("--tenant", arguments->tenant, "Whose it is, for seller, merchant, affiliate and client");
  create_command.set_action(context, [&context, arguments] { return create_principal(context, *arguments); });

  Command list_command = command.add_subcommand("list", "Show principals");
  list_command.footer("Examples:\n  tallystick principals list\n  tallystick principals list --role finance --json");
  list_command.add_option("--role", arguments->role, "Only those in this role");
  list_command.add_option("--tenant", arguments->tenant, "Only those of this tenant");
  list_command.set_action(context, [&context, arguments] { return list_principals(context, *arguments); });

  Command change_command = command.add_subcommand("change", "Change name or role; the role binds the keys at once");
  change_command.footer("Examples:\n  tallystick principals change " + example_id + " --role analyst");
  change_command.add_option("principal", arguments->id, "Id of the principal").required().type_name("UUID");
  change_command.add_option("--name", arguments->name, "Its new name");
  change_command.add_option("--role", arguments->role, "Its new role");
  change_command.set_action(context, [&context, arguments] { return change_principal(context, *arguments); });

  for (const bool is_disabled : {true, false}) {
    const std::string verb = is_disabled ? "disable" : "enable";
    Command toggle = command.add_subcommand(
        verb, is_disabled ? "Make all keys of a principal useless at once" : "Make its keys good again");
    toggle.footer(fmt::format("Examples:\n  tallystick principals {} {}", verb, example_id));
    toggle.add_option("principal", arguments->id, "Id of the principal").required().type_name("UUID");
    toggle.set_action(context, [&context, arguments, is_disabled] {
      return set_principal_disabled(context, *arguments, is_disabled);
    });
  }
}

}  // namespace tallystick::cli
