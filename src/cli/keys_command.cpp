#include <memory>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "access/scopes.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/local_stores.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

struct KeysArguments {
  std::string name;
  std::vector<std::string> scopes;
  std::string principal;
  int expires_in_days = 0;
  std::string what;
  std::int64_t overlap_hours = 24;
};

std::string shown_time(base::Timestamp time) {
  return time.us == 0 ? "" : base::format_rfc3339({time.us / base::kMicrosPerSecond * base::kMicrosPerSecond});
}

int print_secret(Context& context, const access::NewApiKey& made) {
  if (context.is_json) {
    print_json(context.terminal.out,
               json::object{{"id", base::format_uuid(made.key.id)}, {"name", made.key.name}, {"key", made.secret}});
  } else {
    fmt::print(context.terminal.out,
               "API key {} ({}). It is shown once; keep it.\n\n    {}\n",
               base::format_uuid(made.key.id),
               made.key.name,
               made.secret);
  }
  return kSuccess;
}

base::Result<int> create(Context& context, const KeysArguments& arguments) {
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  access::KeyDraft draft{.name = arguments.name, .scopes = arguments.scopes};
  if (!arguments.principal.empty()) {
    TALLY_ASSIGN(draft.principal_id, base::parse_uuid(arguments.principal));
    TALLY_ASSIGN(const access::Principal principal, stores.principals->get(draft.principal_id));
    draft.scopes = draft.scopes.empty() ? access::scopes_of(principal.role) : draft.scopes;
  }
  if (arguments.expires_in_days > 0) {
    draft.expires_at = context.clock.now() + arguments.expires_in_days * base::kMicrosPerDay;
  }
  TALLY_ASSIGN(const access::NewApiKey made, stores.keys->create(draft, cli_change(context, "keys create")));
  return print_secret(context, made);
}

base::Result<int> rotate(Context& context, const KeysArguments& arguments) {
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  const std::int64_t overlap_us = arguments.overlap_hours * base::kMicrosPerHour;
  if (const auto id = base::parse_uuid(arguments.what)) {
    TALLY_ASSIGN(const access::NewApiKey made,
                 stores.keys->rotate(*id, overlap_us, cli_change(context, "keys rotate")));
    return print_secret(context, made);
  }
  const auto purpose = crypto::parse_key_purpose(arguments.what);
  if (!purpose) {
    return base::fail(base::ErrorKind::kInvalid,
                      "unknown_key",
                      "rotate link, impression_token, or the id of an API key (tallystick keys list)");
  }
  TALLY_ASSIGN(const crypto::KeyInfo made, stores.key_ring->rotate(*purpose, overlap_us));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"id", made.id}, {"purpose", crypto::name_of(made.purpose)}});
  } else {
    fmt::print(context.terminal.out,
               "{} signs from now on; what the key before it signed verifies for {} hours more. A running server "
               "follows within a second.\n",
               made.id,
               arguments.overlap_hours);
  }
  return kSuccess;
}

base::Result<int> revoke(Context& context, const KeysArguments& arguments) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(arguments.what));
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  TALLY_ASSIGN(const access::ApiKey key, stores.keys->revoke(id, cli_change(context, "keys revoke")));
  if (context.is_json) {
    print_json(context.terminal.out,
               json::object{{"id", base::format_uuid(key.id)}, {"revoked_at", shown_time(key.revoked_at)}});
  } else {
    fmt::print(context.terminal.out,
               "API key {} ({}) is revoked; a running server follows within a second.\n",
               base::format_uuid(key.id),
               key.name);
  }
  return kSuccess;
}

base::Result<int> list(Context& context) {
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  TALLY_ASSIGN(const std::vector<access::ApiKey> keys, stores.keys->list());
  const base::Timestamp now = context.clock.now();
  json::array api_keys;
  Table table({"id", "kind", "state", "created", "last used", "name, scopes"});
  for (const crypto::KeyInfo& key : stores.key_ring->list()) {
    const bool verifies = !key.verifies_until || now < *key.verifies_until;
    const std::string_view state = !key.retired_at ? "signs" : verifies ? "verifies" : "retired";
    api_keys.push_back({{"id", key.id},
                        {"kind", crypto::name_of(key.purpose)},
                        {"state", state},
                        {"created_at", shown_time(key.created_at)}});
    table.add(
        {key.id, std::string(crypto::name_of(key.purpose)), std::string(state), shown_time(key.created_at), "", ""});
  }
  for (const access::ApiKey& key : keys) {
    const std::string state = key.is_valid_at(now) ? "valid" : key.revoked_at.us != 0 ? "revoked" : "expired";
    const std::string id = base::format_uuid(key.id);
    api_keys.push_back(
        {{"id", id},
         {"kind", "api"},
         {"state", state},
         {"name", key.name},
         {"scopes", json::array(key.scopes.begin(), key.scopes.end())},
         {"principal_id", key.has_principal() ? json::value(base::format_uuid(key.principal_id)) : json::value()},
         {"created_at", shown_time(key.created_at)},
         {"last_used_at", shown_time(key.last_used_at)}});
    table.add({id,
               "api",
               state,
               shown_time(key.created_at),
               shown_time(key.last_used_at),
               fmt::format("{}: {}", key.name, fmt::join(key.scopes, " "))});
  }
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"keys", std::move(api_keys)}});
  } else {
    table.print(context.terminal.out);
  }
  return kSuccess;
}

std::string scope_help() {
  std::string text = "Scopes:\n";
  for (const access::Scope& scope : access::all_scopes()) {
    text += fmt::format("  {:<20} {}\n", scope.name, scope.description);
  }
  return text +
         "\nExamples:\n  tallystick keys create --name shop --scope conversions:write\n  tallystick keys create --name "
         "ops --scope admin --expires-in-days 90\n  tallystick keys create --name laptop --principal "
         "0190163d-8694-739b-aea5-966c26f8ad90";
}

}  // namespace

void add_keys_command(Command app, Context& context) {
  Command command = app.add_subcommand("keys", "API keys, and the keys that sign links");
  command.require_subcommand();
  const auto arguments = std::make_shared<KeysArguments>();

  Command create_command = command.add_subcommand("create", "Make an API key; it is shown once");
  create_command.footer(scope_help());
  create_command.add_option("--name", arguments->name, "What it is for").required();
  create_command.add_option(
      "--scope", arguments->scopes, "What it may do; repeat it for several (with --principal: all its role has)");
  create_command.add_option("--principal", arguments->principal, "Whose key it is, which bounds it by a role")
      .type_name("UUID");
  create_command.add_option("--expires-in-days", arguments->expires_in_days, "0: never").in_range(0, 3650);
  create_command.set_action(context, [&context, arguments] { return create(context, *arguments); });

  Command rotate_command = command.add_subcommand("rotate", "Replace a key; the old one stays good for a while");
  rotate_command.footer(
      "Examples:\n  tallystick keys rotate link\n  tallystick keys rotate impression_token --overlap-hours 1\n  "
      "tallystick keys rotate 0190163d-8694-739b-aea5-966c26f8ad90");
  rotate_command.add_option("key", arguments->what, "link, impression_token, or the id of an API key").required();
  rotate_command.add_option("--overlap-hours", arguments->overlap_hours, "How long the old key stays good")
      .in_range(0, 720)
      .show_default();
  rotate_command.set_action(context, [&context, arguments] { return rotate(context, *arguments); });

  Command revoke_command = command.add_subcommand("revoke", "Make an API key useless at once");
  revoke_command.footer("Examples:\n  tallystick keys revoke 0190163d-8694-739b-aea5-966c26f8ad90");
  revoke_command.add_option("key", arguments->what, "Id of the API key").required().type_name("UUID");
  revoke_command.set_action(context, [&context, arguments] { return revoke(context, *arguments); });

  Command list_command = command.add_subcommand("list", "Show all keys, never their secrets");
  list_command.footer("Examples:\n  tallystick keys list\n  tallystick keys list --json");
  list_command.set_action(context, [&context] { return list(context); });
}

}  // namespace tallystick::cli
