#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <ostream>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/file.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/demo_figures.h"
#include "cli/demo_report.h"
#include "cli/demo_sender.h"
#include "cli/demo_turn.h"
#include "cli/history_command.h"
#include "cli/progress.h"
#include "cli/settle_command.h"
#include "cli/settle_plan.h"
#include "journal/receipt.h"
#include "server/data_directory.h"

namespace tallystick::cli {
namespace {

struct DemoOptions {
  double seconds = 10;
  double rate = 500;
  std::size_t connections = 4;
  HistoryOptions history;
  SettleOptions settle;
  std::uint64_t seed = 1;  // of a history or a settlement
};

// The key that `serve --demo-key` left, where no other was given.
base::Result<ApiClient> make_client(const Context& context, std::string& key) {
  TALLY_ASSIGN(key, find_api_key(context));
  if (key.empty()) {
    TALLY_ASSIGN(const base::Config config, context.load_config());
    const server::DataDirectory data(config.text("data.directory"));
    if (auto file = base::read_file(data.demo_key_file(), 4'096)) {
      key = *std::move(file);
      key.erase(key.find_last_not_of(" \r\n") + 1);
    }
  }
  if (key.empty()) {
    return ApiClient::make(context);
  }
  TALLY_ASSIGN(std::string url, find_server_url(context));
  return ApiClient(std::move(url), key);
}

base::Result<MetricsText> load_metrics(ApiClient& api) {
  TALLY_ASSIGN(const std::string text, api.get_text("/metrics"));
  return MetricsText::parse(text);
}

// A change reaches the capture path within a second; the first click on a new link must not come sooner.
void wait_for_catalog(const DemoWorld& world) {
  if (world.objects_made > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1'100));
  }
}

std::vector<DemoSenderResult> send_all(Context& context,
                                       const DemoOptions& options,
                                       DemoRun run,
                                       const DemoWorld& world) {
  std::atomic<std::uint64_t> events_sent{0};
  std::atomic<std::size_t> running{options.connections};
  std::vector<DemoSenderResult> results(options.connections);
  run.events_per_second = options.rate / static_cast<double>(options.connections);
  run.start_us = context.clock.monotonic_us();
  run.end_us = run.start_us + static_cast<std::int64_t>(options.seconds * 1e6);
  std::vector<std::jthread> threads;
  threads.reserve(options.connections);
  for (std::size_t i = 0; i < options.connections; ++i) {
    threads.emplace_back([&, i] {
      results[i] = send_demo_traffic(run, world, i, context.clock, events_sent);
      --running;
    });
  }
  Progress progress(context.terminal, context.clock, "sending");
  while (running > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    progress.update(static_cast<std::uint64_t>(context.clock.monotonic_us() - run.start_us),
                    static_cast<std::uint64_t>(run.end_us - run.start_us),
                    fmt::format("{} events", events_sent.load()));
  }
  threads.clear();
  return results;
}

DemoReceipt check_receipt(ApiClient& api, const base::Uuid& click_id) {
  DemoReceipt shown{base::format_uuid(click_id), 0, 0, ""};
  const auto key = api.get_text("/log/verifier-key");
  const auto receipt = api.get_text("/api/receipts/" + shown.event_id);
  if (!key || !receipt) {
    shown.problem = !key ? key.error().message : receipt.error().message;
    return shown;
  }
  std::string key_text = *key;
  key_text.erase(key_text.find_last_not_of(" \r\n") + 1);
  const auto summary = journal::verify_receipt(*receipt, key_text);
  if (!summary) {
    shown.problem = summary.error().message;
  } else if (summary->event_id != click_id) {
    shown.problem = "it is the receipt of another event";
  } else {
    shown.index = summary->index;
    shown.tree_size = summary->checkpoint.size;
  }
  return shown;
}

base::Result<int> demo(Context& context, const DemoOptions& options) {
  DemoRun run;
  TALLY_ASSIGN(const base::Config config, context.load_config());
  const DemoTurn turn(server::DataDirectory(config.text("data.directory")).keys(), context.terminal.err);
  TALLY_ASSIGN(ApiClient api, make_client(context, run.key));
  run.url = api.url();
  TALLY_ASSIGN(const DemoWorld world, make_demo_world(api));
  wait_for_catalog(world);
  TALLY_ASSIGN(const MetricsText before, load_metrics(api));
  const std::int64_t start_us = context.clock.monotonic_us();
  const auto results = send_all(context, options, run, world);

  DemoReport report;
  report.seconds = static_cast<double>(context.clock.monotonic_us() - start_us) / 1e6;
  report.objects_made = world.objects_made;
  for (const DemoSenderResult& result : results) {
    report.tally.add(result.tally);
    if (result.error) {
      report.problems.push_back(result.error->message);
    }
  }
  TALLY_ASSIGN(const MetricsText after, load_metrics(api));
  report.comparisons = compare_counts(report.tally, before, after);
  report.verdicts = count_verdicts(before, after);
  const auto clicked =
      std::find_if(results.begin(), results.end(), [](const auto& r) { return r.click_id.has_value(); });
  if (clicked != results.end()) {
    report.receipt = check_receipt(api, *clicked->click_id);
  }
  print_demo_report(context, report);
  show_demo_figures(context, api, static_cast<std::uint64_t>(after.sum("tallystick_journal_records")));
  return report.is_good() ? kSuccess : kFailure;
}

void add_history_options(Command& command, HistoryOptions& options) {
  const Option history =
      command.add_option("--history", options.period, "Write the past instead: so many days or hours of it (30d, 36h)")
          .type_name("PERIOD");
  command.add_option("--events", options.events, "Impressions, clicks and conversions of the history together")
      .in_range(1, 2'000'000'000)
      .show_default()
      .needs(history);
  command.add_option("--until", options.until, "Where the history ends (default: now)")
      .type_name("RFC3339")
      .needs(history);
}

void add_settle_options(Command& command, SettleOptions& options) {
  const Option settle = command.add_flag(
      "--settle", options.is_wanted, "Settle a made-up month with seven networks, and find every planted difference");
  command.add_option("--month", options.month, "Which month (default: the last that ended three days ago or earlier)")
      .type_name("YYYY-MM")
      .needs(settle);
  command.add_option("--conversions", options.conversions, "Conversions of the month, about")
      .in_range(static_cast<int>(kMinSettleConversions), static_cast<int>(kMaxSettleConversions))
      .show_default()
      .needs(settle);
}

base::Result<int> run_demo(Context& context, DemoOptions options) {
  options.history.seed = options.settle.seed = options.seed;
  if (options.settle.is_wanted && !options.history.period.empty()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_parameters", "--history and --settle are two demos: choose one");
  }
  return options.settle.is_wanted         ? run_settlement(context, options.settle)
         : options.history.period.empty() ? demo(context, options)
                                          : make_history(context, options.history);
}

}  // namespace

void add_demo_command(Command app, Context& context) {
  Command command =
      app.add_subcommand("demo", "Send a realistic mixed stream to a running server and check its counts");
  command.footer(
      "Creates partners, links, placements, merchants and exposure units (once), then sends signed clicks, "
      "impressions,\n"
      "exposures, conversions and postbacks: crawlers, duplicates, forgeries, broken events and every kind of consent\n"
      "among them. Exit code 1 when the counts do not agree with the server's.\n\n"
      "With --history no server is asked: the past is written straight into the data directory of a server that does\n"
      "not run, with objects of its own, and its exact counts are printed. The same seed and period give the same\n"
      "events on the same data directory.\n\n"
      "With --settle a month is made up with seven networks, in a data directory of its own: traffic in the log, and\n"
      "report files as each network would write them, with late rows, reversals, duplicates, other time zones and "
      "more.\n"
      "A server of its own imports and reconciles them; exit code 1 when a planted cause is not found with its exact\n"
      "amount, or anything stays unexplained.\n\n"
      "Examples:\n  tallystick demo --seconds 10\n  tallystick demo --rate 2000 --connections 8 --json\n"
      "  tallystick demo --history 30d --events 20000000 --data past\n"
      "  tallystick demo --settle\n  tallystick demo --settle --month 2026-10 --seed 7 --data october --json");
  const auto options = std::make_shared<DemoOptions>();
  command.add_option("--seconds", options->seconds, "How long").in_range(0.1, 86'400.0).show_default();
  command.add_option("--rate", options->rate, "Events per second").in_range(1.0, 100'000.0).show_default();
  command.add_option("--connections", options->connections, "Connections, each on a thread of its own")
      .in_range(1, 64)
      .show_default();
  command.add_option("--seed", options->seed, "Which history, which month of settlement").show_default();
  add_history_options(command, options->history);
  add_settle_options(command, options->settle);
  command.set_action(context, [&context, options] { return run_demo(context, *options); });
}

}  // namespace tallystick::cli
