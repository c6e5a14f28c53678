#include <map>
#include <memory>
#include <optional>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/file.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/journal_scan.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "journal/summary.h"
#include "journal/verify.h"
#include "server/data_directory.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxNoteBytes = 1 << 20;

base::Result<server::DataDirectory> find_data(const Context& context) {
  TALLY_ASSIGN(const base::Config config, context.load_config());
  return server::DataDirectory(config.text("data.directory"));
}

struct VerifyArguments {
  std::string from;
  std::string key;
};

json::object to_json(const journal::VerifyReport& report) {
  json::object out{{"ok", !report.first_damage.has_value()},
                   {"records", report.records},
                   {"dropped", report.dropped},
                   {"erased", report.erased},
                   {"bytes", report.bytes},
                   {"unacknowledged_tail_bytes", report.unacknowledged_tail_bytes},
                   {"root_hash", report.root_hash},
                   {"checkpoint_size", report.checkpoint_size}};
  if (const auto& damage = report.first_damage) {
    out["damage"] = {{"file", damage->file}, {"offset", damage->offset}, {"what", damage->what}};
    if (damage->sequence) {
      out["damage"].as_object()["sequence"] = *damage->sequence;
    }
  }
  return out;
}

void print_verification(std::ostream& out, const journal::VerifyReport& report, double seconds) {
  if (const auto& damage = report.first_damage) {
    fmt::print(out,
               "DAMAGED: {} at byte {}{}: {}\n",
               damage->file,
               damage->offset,
               damage->sequence ? fmt::format(", record {}", *damage->sequence) : "",
               damage->what);
    return;
  }
  fmt::print(out,
             "The log is whole: {} records ({} erased), {} bytes, {:.1f} s.\nRoot {} at {} records; signed checkpoint "
             "at {}.\n",
             with_thousands(report.records),
             with_thousands(report.erased),
             with_thousands(report.bytes),
             seconds,
             report.root_hash,
             with_thousands(report.records),
             with_thousands(report.checkpoint_size));
  if (report.unacknowledged_tail_bytes > 0) {
    fmt::print(out,
               "{} bytes behind the last whole group were never acknowledged; the next start cuts them.\n",
               report.unacknowledged_tail_bytes);
  }
}

base::Result<int> verify(Context& context, const VerifyArguments& arguments) {
  TALLY_ASSIGN(const server::DataDirectory data, find_data(context));
  journal::VerifyOptions options;
  options.directory = data.journal();
  options.public_key = arguments.key;
  if (!arguments.from.empty()) {
    TALLY_ASSIGN(options.from_checkpoint, base::read_file(arguments.from, kMaxNoteBytes));
  }
  const std::int64_t start_us = context.clock.monotonic_us();
  std::optional<Progress> progress(std::in_place, context.terminal, context.clock, "verifying");
  options.progress = [&](std::uint64_t done, std::uint64_t all) {
    progress->update(done, all);
  };
  const auto report = journal::verify(options);
  progress.reset();
  if (!report) {
    return std::unexpected(report.error());
  }
  if (context.is_json) {
    print_json(context.terminal.out, to_json(*report));
  } else {
    print_verification(
        context.terminal.out, *report, static_cast<double>(context.clock.monotonic_us() - start_us) / 1e6);
  }
  return report->first_damage ? kDoesNotVerify : kSuccess;
}

struct ShowArguments {
  std::uint64_t from = 0;
  std::uint64_t limit = 20;
  std::string event;
};

void show_entry(Context& context, const ScannedEntry& scanned, json::array& list) {
  const auto fields = journal::summarize(scanned.entry.kind, scanned.entry.fields);
  const std::string_view personal = scanned.personal_state == journal::PersonalState::kNone     ? "none"
                                    : scanned.personal_state == journal::PersonalState::kErased ? "erased"
                                                                                                : "present";
  json::object object{{"sequence", scanned.sequence},
                      {"kind", journal::name_of(scanned.entry.kind)},
                      {"event_id", base::format_uuid(scanned.entry.event_id)},
                      {"received_at", base::format_rfc3339(scanned.entry.received_at)},
                      {"personal", personal}};
  if (context.is_json) {
    json::object shown;
    for (const auto& [name, value] : fields.value_or(journal::SummaryFields{})) {
      shown[name] = value;
    }
    object["fields"] = std::move(shown);
    list.push_back(std::move(object));
    return;
  }
  fmt::print(context.terminal.out,
             "{} {} {} {} personal={}",
             scanned.sequence,
             base::format_rfc3339(scanned.entry.received_at),
             journal::name_of(scanned.entry.kind),
             base::format_uuid(scanned.entry.event_id),
             personal);
  for (const auto& [name, value] : fields.value_or(journal::SummaryFields{})) {
    fmt::print(context.terminal.out, " {}={}", name, value);
  }
  context.terminal.out << '\n';
}

base::Result<int> show(Context& context, const ShowArguments& arguments) {
  TALLY_ASSIGN(const server::DataDirectory data, find_data(context));
  std::optional<base::Uuid> wanted;
  if (!arguments.event.empty()) {
    TALLY_ASSIGN(wanted, base::parse_uuid(arguments.event));
  }
  json::array list;
  std::uint64_t shown = 0;
  TALLY_TRY(scan_journal(data.journal(), arguments.from, [&](const ScannedEntry& scanned) {
    if (!wanted || scanned.entry.event_id == *wanted) {
      show_entry(context, scanned, list);
      ++shown;
    }
    return shown < arguments.limit;
  }));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"records", std::move(list)}});
  } else if (shown == 0) {
    fmt::print(context.terminal.out, "No such record.\n");
  }
  return shown == 0 && wanted ? kFailure : kSuccess;
}

base::Result<int> stats(Context& context) {
  TALLY_ASSIGN(const server::DataDirectory data, find_data(context));
  std::map<std::string, std::uint64_t> by_kind;
  std::uint64_t records = 0;
  std::uint64_t erased = 0;
  base::Timestamp first;
  base::Timestamp last;
  TALLY_TRY(scan_journal(data.journal(), 0, [&](const ScannedEntry& scanned) {
    ++by_kind[std::string(journal::name_of(scanned.entry.kind))];
    erased += scanned.personal_state == journal::PersonalState::kErased ? 1 : 0;
    first = records++ == 0 ? scanned.entry.received_at : first;
    last = scanned.entry.received_at;
    return true;
  }));
  if (context.is_json) {
    json::object kinds;
    for (const auto& [kind, count] : by_kind) {
      kinds[kind] = count;
    }
    print_json(context.terminal.out,
               json::object{{"records", records}, {"erased", erased}, {"by_kind", std::move(kinds)}});
    return kSuccess;
  }
  Table table({"kind", "records"});
  for (const auto& [kind, count] : by_kind) {
    table.add({kind, with_thousands(count)});
  }
  table.add({"all", with_thousands(records)});
  table.print(context.terminal.out);
  if (records > 0) {
    fmt::print(context.terminal.out,
               "\nFrom {} to {}; personal fields erased in {}.\n",
               base::format_rfc3339(first),
               base::format_rfc3339(last),
               with_thousands(erased));
  }
  return kSuccess;
}

}  // namespace

void add_journal_command(Command app, Context& context) {
  Command command = app.add_subcommand("journal", "Verify and read the log in the data directory");
  command.require_subcommand();

  Command verify_command = command.add_subcommand("verify", "Read everything and prove that nothing was changed");
  verify_command.footer(
      "Works while the server runs. Exit code 3 when the log does not verify; the first bad record is named.\n\n"
      "Examples:\n  tallystick journal verify\n  tallystick journal verify --from checkpoint-of-last-month\n"
      "  tallystick journal verify --data /var/lib/tallystick --json");
  const auto verify_arguments = std::make_shared<VerifyArguments>();
  verify_command
      .add_option(
          "--from", verify_arguments->from, "A checkpoint kept elsewhere: proves that it is a prefix of this log")
      .type_name("FILE");
  verify_command
      .add_option("--public-key", verify_arguments->key, "Verifier key (default: the one in the data directory)")
      .type_name("KEY");
  verify_command.set_action(context, [&context, verify_arguments] { return verify(context, *verify_arguments); });

  Command show_command = command.add_subcommand("show", "Print records");
  show_command.footer(
      "Examples:\n  tallystick journal show --from 1000 --limit 5\n  tallystick journal show --event "
      "0190163d-8694-739b-aea5-966c26f8ad90 --json");
  const auto show_arguments = std::make_shared<ShowArguments>();
  show_command.add_option("--from", show_arguments->from, "First sequence number").show_default();
  show_command.add_option("--limit", show_arguments->limit, "At most so many").in_range(1, 1'000'000).show_default();
  show_command.add_option("--event", show_arguments->event, "Only records with this event id").type_name("UUID");
  show_command.set_action(context, [&context, show_arguments] { return show(context, *show_arguments); });

  Command stats_command = command.add_subcommand("stats", "Count records by kind");
  stats_command.footer("Examples:\n  tallystick journal stats\n  tallystick journal stats --json");
  stats_command.set_action(context, [&context] { return stats(context); });
}

}  // namespace tallystick::cli
