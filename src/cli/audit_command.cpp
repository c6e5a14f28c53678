#include <fstream>
#include <memory>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "access/audit_csv.h"
#include "access/json.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/local_stores.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kRowsAtATime = 1'000;

struct AuditArguments {
  std::string actor;
  std::string action;
  std::string subject;
  std::string from;
  std::string to;
  std::string output;
  int limit = 50;
};

base::Result<access::AuditFilter> make_audit_filter(const AuditArguments& arguments) {
  access::AuditFilter filter{.actor = arguments.actor, .action = arguments.action, .subject = arguments.subject};
  if (!arguments.from.empty()) {
    TALLY_ASSIGN(filter.from, base::parse_rfc3339(arguments.from));
  }
  if (!arguments.to.empty()) {
    TALLY_ASSIGN(filter.to, base::parse_rfc3339(arguments.to));
  }
  return filter;
}

base::Result<int> list_audit(Context& context, const AuditArguments& arguments) {
  TALLY_ASSIGN(const access::AuditFilter filter, make_audit_filter(arguments));
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  TALLY_ASSIGN(const auto entries, access::AuditLog::list(*stores.database, filter, "", arguments.limit));
  if (context.is_json) {
    json::array items;
    for (const access::AuditEntry& entry : entries) {
      items.push_back(access::to_json(entry));
    }
    print_json(context.terminal.out, json::object{{"entries", std::move(items)}});
  } else if (entries.empty()) {
    fmt::print(context.terminal.out, "The trail has no such entry.\n");
  } else {
    Table table({"time", "actor", "action", "subject", "reason"});
    for (const access::AuditEntry& entry : entries) {
      table.add({base::format_rfc3339(entry.occurred_at),
                 entry.context.actor,
                 entry.change.action,
                 entry.change.subject,
                 entry.context.reason});
    }
    table.print(context.terminal.out);
  }
  return kSuccess;
}

// Page by page, so that a trail of any length fits in memory.
base::Result<std::int64_t> write_trail(LocalStores& stores, const access::AuditFilter& filter, std::ostream& out) {
  std::int64_t count = 0;
  std::string before;
  out << access::audit_csv_header();
  while (true) {
    TALLY_ASSIGN(const auto entries, access::AuditLog::list(*stores.database, filter, before, kRowsAtATime));
    std::string lines;
    for (const access::AuditEntry& entry : entries) {
      access::append_audit_csv(entry, lines);
    }
    out << lines;
    count += std::ssize(entries);
    if (std::ssize(entries) < kRowsAtATime) {
      break;
    }
    before = base::format_uuid(entries.back().id);
  }
  out.flush();
  if (!out) {
    return base::fail(base::ErrorKind::kUnavailable, "cannot_write", "the export could not be written to its end");
  }
  return count;
}

base::Result<int> export_audit(Context& context, const AuditArguments& arguments) {
  TALLY_ASSIGN(const access::AuditFilter filter, make_audit_filter(arguments));
  TALLY_ASSIGN(LocalStores stores, open_local_stores(context));
  if (arguments.output.empty()) {
    TALLY_TRY(write_trail(stores, filter, context.terminal.out));
    return kSuccess;
  }
  std::ofstream file(arguments.output, std::ios::binary | std::ios::trunc);
  if (!file) {
    return base::fail(base::ErrorKind::kInvalid, "cannot_open", "cannot write to " + arguments.output);
  }
  TALLY_ASSIGN(const std::int64_t count, write_trail(stores, filter, file));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"file", arguments.output}, {"entries", count}});
  } else {
    fmt::print(context.terminal.out,
               "{} entries are in {}.\n",
               with_thousands(static_cast<std::uint64_t>(count)),
               arguments.output);
  }
  return kSuccess;
}

void add_audit_filter_options(Command command, AuditArguments& arguments) {
  command.add_option("--actor", arguments.actor, "Only what this actor did, as key:<id> or cli:<user>");
  command.add_option("--action", arguments.action, "Only this action, as partner.pause");
  command.add_option("--subject", arguments.subject, "Only what was done to this, as partner:<id>");
  command.add_option("--from", arguments.from, "Not before this time (RFC 3339)");
  command.add_option("--to", arguments.to, "Before this time (RFC 3339)");
}

}  // namespace

void add_audit_command(Command app, Context& context) {
  Command command = app.add_subcommand("audit", "Who changed what, when and why");
  command.require_subcommand();
  const auto arguments = std::make_shared<AuditArguments>();

  Command list_command = command.add_subcommand("list", "Show the newest entries of the trail");
  list_command.footer(
      "Examples:\n  tallystick audit list\n  tallystick audit list --action partner.pause --limit 10 --json");
  add_audit_filter_options(list_command, *arguments);
  list_command.add_option("--limit", arguments->limit, "How many").in_range(1, 1000).show_default();
  list_command.set_action(context, [&context, arguments] { return list_audit(context, *arguments); });

  Command export_command = command.add_subcommand("export", "Write the whole trail as CSV, newest first");
  export_command.footer(
      "Examples:\n  tallystick audit export --output trail.csv\n  tallystick audit export --from 2026-01-01T00:00:00Z "
      "--to 2027-01-01T00:00:00Z > 2026.csv");
  add_audit_filter_options(export_command, *arguments);
  export_command.add_option("--output", arguments->output, "File to write; default: standard output").type_name("FILE");
  export_command.set_action(context, [&context, arguments] { return export_audit(context, *arguments); });
}

}  // namespace tallystick::cli
