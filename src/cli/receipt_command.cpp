#include <memory>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/ostream.h>

#include "base/file.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "journal/layout.h"
#include "journal/receipt.h"
#include "server/data_directory.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

base::Result<int> get(Context& context, const std::string& event_id, const std::string& output) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(event_id));
  TALLY_ASSIGN(ApiClient api, ApiClient::make_public(context));
  TALLY_ASSIGN(const std::string receipt, api.get_text("/api/receipts/" + base::format_uuid(id)));
  if (output.empty()) {
    context.terminal.out << receipt;
    return kSuccess;
  }
  TALLY_TRY(base::write_file_atomically(output, receipt));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"event_id", base::format_uuid(id)}, {"file", output}});
  } else {
    fmt::print(
        context.terminal.out, "Wrote {}. Check it anywhere: tallystick receipt verify {} --key KEY\n", output, output);
  }
  return kSuccess;
}

// The key itself, or the name of a file that holds it; without either the one in the data directory.
base::Result<std::string> find_verifier_key(const Context& context, const std::string& given) {
  std::string file = given;
  if (given.empty()) {
    TALLY_ASSIGN(const base::Config config, context.load_config());
    file = journal::Layout{server::DataDirectory(config.text("data.directory")).journal()}.verifier_key().string();
  } else if (given.find('+') != std::string::npos && !std::filesystem::exists(given)) {
    return given;
  }
  auto text = base::read_file(file, 4'096);
  if (!text) {
    return base::fail(base::ErrorKind::kInvalid,
                      "no_verifier_key",
                      "name the log's public key with --key KEY or --key FILE: " + text.error().message);
  }
  text->erase(text->find_last_not_of(" \r\n") + 1);
  return *std::move(text);
}

base::Result<int> verify(Context& context, const std::string& file, const std::string& key) {
  TALLY_ASSIGN(const std::string receipt, base::read_file(file, journal::kMaxReceiptBytes));
  TALLY_ASSIGN(const std::string verifier_key, find_verifier_key(context, key));
  const auto summary = journal::verify_receipt(receipt, verifier_key);
  if (!summary) {
    print_error(context, summary.error());
    return summary.error().kind == base::ErrorKind::kInvalid && summary.error().code == "bad_verifier_key"
               ? kWrongUsage
               : kDoesNotVerify;
  }
  if (context.is_json) {
    json::object fields;
    for (const auto& [name, value] : summary->fields) {
      fields[name] = value;
    }
    print_json(context.terminal.out,
               json::object{{"ok", true},
                            {"event_id", base::format_uuid(summary->event_id)},
                            {"kind", journal::name_of(summary->kind)},
                            {"received_at", base::format_rfc3339(summary->received_at)},
                            {"index", summary->index},
                            {"log", summary->checkpoint.origin},
                            {"tree_size", summary->checkpoint.size},
                            {"fields", std::move(fields)}});
    return kSuccess;
  }
  fmt::print(context.terminal.out,
             "Good: {} {} of {} is record {} of {}, signed at {} records.\n",
             journal::name_of(summary->kind),
             base::format_uuid(summary->event_id),
             base::format_rfc3339(summary->received_at),
             with_thousands(summary->index),
             summary->checkpoint.origin,
             with_thousands(summary->checkpoint.size));
  Table table({"", ""});
  for (const auto& [name, value] : summary->fields) {
    table.add({"  " + name, value});
  }
  table.print(context.terminal.out);
  return kSuccess;
}

}  // namespace

void add_receipt_command(Command app, Context& context) {
  Command command = app.add_subcommand("receipt", "Fetch and check the proof that an event is in the log");
  command.require_subcommand();
  struct Arguments {
    std::string event_id;
    std::string output;
    std::string file;
    std::string key;
  };
  const auto arguments = std::make_shared<Arguments>();

  Command get_command = command.add_subcommand("get", "Fetch a receipt from the running server");
  get_command.footer("Examples:\n  tallystick receipt get 0190163d-8694-739b-aea5-966c26f8ad90 --output click.receipt");
  get_command.add_option("event-id", arguments->event_id, "Id of the event").required().type_name("UUID");
  get_command.add_option("--output", arguments->output, "Write it to this file").type_name("FILE");
  get_command.set_action(context,
                         [&context, arguments] { return get(context, arguments->event_id, arguments->output); });

  Command verify_command = command.add_subcommand("verify", "Check a receipt offline");
  verify_command.footer(
      "Needs the receipt and the log's public key, no server. Exit code 3 when it does not verify.\n\n"
      "Examples:\n  tallystick receipt verify click.receipt --key verifier.key");
  verify_command.add_option("file", arguments->file, "The receipt").required().type_name("FILE");
  verify_command
      .add_option("--key", arguments->key, "The log's public key, or a file with it (default: the data directory's)")
      .type_name("KEY|FILE");
  verify_command.set_action(context,
                            [&context, arguments] { return verify(context, arguments->file, arguments->key); });
}

}  // namespace tallystick::cli
