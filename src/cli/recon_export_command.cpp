#include <fstream>
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
#include "cli/progress.h"
#include "cli/recon_commands.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

struct ExportArguments {
  std::string run_id, output, kind, cause, currency;
  bool is_of_items = false;
  bool is_of_findings = false;
  bool is_unmatched_only = false;
  bool is_statement = false;
};

base::Result<std::string> export_target(const ExportArguments& arguments) {
  const int chosen = static_cast<int>(arguments.is_of_items) + static_cast<int>(arguments.is_of_findings) +
                     static_cast<int>(arguments.is_unmatched_only) + static_cast<int>(arguments.is_statement);
  if (chosen > 1) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_parameters",
                      "--items, --findings, --unmatched and --statement are four files: choose one");
  }
  const std::string run = "/api/reconciliations/" + base::percent_encode(arguments.run_id);
  if (arguments.is_of_findings) {
    return run + "/findings?format=csv";
  }
  if (arguments.is_statement) {
    const bool is_page = arguments.output.ends_with(".html");
    return run + (is_page ? "/statement?format=html" : "/statement?format=csv");
  }
  std::string target = run + "/items?format=csv";
  const auto add = [&](std::string_view name, const std::string& value) {
    target += value.empty() ? "" : fmt::format("&{}={}", name, base::percent_encode(value));
  };
  add("kind", arguments.kind);
  add("cause", arguments.cause);
  add("currency", arguments.currency);
  return target;
}

// Part after part, so that an export of any length fits in memory. The number of bytes.
base::Result<std::uint64_t> write_parts(ApiClient& api, std::string target, std::ostream& out, Progress& bar) {
  std::uint64_t bytes = 0;
  while (!target.empty()) {
    TALLY_ASSIGN(const ApiClient::TextPart part, api.get_part(target));
    out << part.body;
    bytes += part.body.size();
    bar.update(0, 1, fmt::format("{} bytes", with_thousands(bytes)));
    target = part.next;
  }
  return bytes;
}

// The column names once, then what each kind has.
base::Result<std::uint64_t> write_unmatched(ApiClient& api,
                                            const ExportArguments& arguments,
                                            std::ostream& out,
                                            Progress& bar) {
  std::uint64_t bytes = 0;
  for (const char* kind : {"only_ours", "only_theirs"}) {
    ExportArguments one = arguments;
    one.is_unmatched_only = false;
    one.kind = kind;
    TALLY_ASSIGN(std::string target, export_target(one));
    TALLY_ASSIGN(ApiClient::TextPart first, api.get_part(target));
    if (bytes > 0) {
      first.body.erase(0, first.body.find('\n') + 1);
    }
    out << first.body;
    bytes += first.body.size();
    TALLY_ASSIGN(const std::uint64_t more, write_parts(api, first.next, out, bar));
    bytes += more;
  }
  return bytes;
}

base::Result<std::uint64_t> write_export(Context& context, const ExportArguments& arguments, std::ostream& out) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(std::string target, export_target(arguments));
  Progress bar(context.terminal, context.clock, "exporting");
  auto bytes = arguments.is_unmatched_only ? write_unmatched(api, arguments, out, bar)
                                           : write_parts(api, std::move(target), out, bar);
  out.flush();
  if (bytes && !out) {
    return base::fail(base::ErrorKind::kUnavailable, "cannot_write", "the export could not be written to its end");
  }
  return bytes;
}

base::Result<int> export_run(Context& context, const ExportArguments& arguments) {
  if (arguments.output.empty()) {
    TALLY_TRY(write_export(context, arguments, context.terminal.out));
    return kSuccess;
  }
  std::ofstream file(arguments.output, std::ios::binary | std::ios::trunc);
  if (!file) {
    return base::fail(base::ErrorKind::kInvalid, "cannot_open", "cannot write to " + arguments.output);
  }
  TALLY_ASSIGN(const std::uint64_t bytes, write_export(context, arguments, file));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"file", arguments.output}, {"bytes", bytes}});
  } else {
    fmt::print(context.terminal.out, "{} bytes are in {}.\n", with_thousands(bytes), arguments.output);
  }
  return kSuccess;
}

}  // namespace

void add_recon_export_command(Command recon, Context& context) {
  const auto arguments = std::make_shared<ExportArguments>();
  Command command = recon.add_subcommand("export", "Write a reconciliation to a file, as CSV");
  command.footer(
      "Examples:\n  tallystick recon export 0190163d-8694-739b-aea5-966c26f8ad90 --items -o items.csv\n"
      "  tallystick recon export 0190163d-8694-739b-aea5-966c26f8ad90 --unmatched > unmatched.csv\n"
      "  tallystick recon export 0190163d-8694-739b-aea5-966c26f8ad90 --statement -o november.html");
  command.add_option("RUN", arguments->run_id, "Id of the run: tallystick recon list").required().type_name("UUID");
  command.add_flag("--items", arguments->is_of_items, "Every record, matched or not (the default)");
  command.add_flag("--findings", arguments->is_of_findings, "A line per currency, with its causes");
  command.add_flag("--unmatched", arguments->is_unmatched_only, "Records that only one side has");
  command.add_flag("--statement", arguments->is_statement, "The statement; a page when FILE ends with .html");
  command.add_option("--kind", arguments->kind, "Only items of matched, only_ours or only_theirs");
  command.add_option("--cause", arguments->cause, "Only items with this cause, as late_row");
  command.add_option("--currency", arguments->currency, "Only items of this currency");
  command.add_option("-o,--output", arguments->output, "File to write; default: standard output").type_name("FILE");
  command.set_action(context, [&context, arguments] { return export_run(context, *arguments); });
}

}  // namespace tallystick::cli
