#include <memory>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "base/encoding.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/local_stores.h"
#include "cli/output.h"
#include "crypto/ed25519.h"
#include "journal/journal.h"
#include "server/options.h"
#include "server/privacy.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

// Opens the log itself; refused while a server has it open.
base::Result<json::value> erase_offline(Context& context, const std::string& user) {
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  TALLY_ASSIGN(const crypto::Ed25519Seed seed, crypto::load_or_make_seed(stores.data.log_key_file(), context.random));
  const crypto::Ed25519Key key(seed);
  TALLY_ASSIGN(
      const auto journal,
      journal::Journal::open(server::journal_options(stores.config, stores.data), context.clock, context.random, key));
  TALLY_ASSIGN(
      const server::PersonErasure erased,
      server::erase_person(
          {*journal, *stores.database, *stores.audit, *stores.key_ring}, user, cli_change(context, "privacy erase")));
  return json::value{{"records_erased", erased.records_erased},
                     {"records_scanned", erased.records_scanned},
                     {"dead_letters_erased", erased.dead_letters_erased},
                     {"journal_sequence", erased.journal_sequence}};
}

base::Result<json::value> erase_online(Context& context, const std::string& user) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  return api.remove("/api/privacy/users/" + base::percent_encode(user));
}

base::Result<int> erase(Context& context, const std::string& user, bool is_offline) {
  TALLY_ASSIGN(const json::value report, is_offline ? erase_offline(context, user) : erase_online(context, user));
  if (context.is_json) {
    print_json(context.terminal.out, report);
    return kSuccess;
  }
  fmt::print(context.terminal.out,
             "Erased the person's values in {} records of the log and {} dead letters. Record {} says so; every proof "
             "stays valid.\n"
             "Backups made before still hold them: see docs/operations.md.\n",
             report.at("records_erased").to_number<std::uint64_t>(),
             report.at("dead_letters_erased").to_number<std::uint64_t>(),
             report.at("journal_sequence").to_number<std::uint64_t>());
  return kSuccess;
}

}  // namespace

void add_privacy_command(Command app, Context& context) {
  Command command = app.add_subcommand("privacy", "Personal data");
  command.require_subcommand();
  struct Arguments {
    std::string user;
    bool is_offline = false;
  };
  const auto arguments = std::make_shared<Arguments>();
  Command erase_command = command.add_subcommand("erase", "Erase a person everywhere; counts and proofs stay");
  erase_command.footer(
      "Asks the running server, with a key of scope privacy:erase; --offline opens the data directory of a stopped "
      "one.\n\n"
      "Examples:\n  TALLYSTICK_API_KEY_FILE=ops.key tallystick privacy erase --user "
      "0190163d-8694-739b-aea5-966c26f8ad90\n"
      "  tallystick privacy erase --offline --user 5e88…");
  erase_command.add_option("--user", arguments->user, "User id as the events carried it: 64 hex digits or a UUID")
      .required()
      .type_name("ID");
  erase_command.add_flag("--offline", arguments->is_offline, "Work on the data directory; the server must be stopped");
  erase_command.set_action(context,
                           [&context, arguments] { return erase(context, arguments->user, arguments->is_offline); });
}

}  // namespace tallystick::cli
