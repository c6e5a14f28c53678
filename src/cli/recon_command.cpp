#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <thread>

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
#include "cli/recon_show.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kJobPollInterval(300);

struct ReconArguments {
  std::string partner, run_id, from, to, cursor;
  int limit = 20;
};

std::uint64_t progress_of(const json::object& job, std::string_view name) {
  const json::value* progress = job.if_contains("progress");
  const json::value* number =
      progress == nullptr || !progress->is_object() ? nullptr : progress->get_object().if_contains(name);
  return number != nullptr && number->is_int64()
             ? static_cast<std::uint64_t>(std::max<std::int64_t>(number->get_int64(), 0))
             : 0;
}

// The job once it has ended.
base::Result<json::object> follow_reconciliation(Context& context, ApiClient& api, const std::string& job_id) {
  const std::string path = "/api/jobs/" + base::percent_encode(job_id);
  Progress bar(context.terminal, context.clock, "reconciling");
  for (;;) {
    TALLY_ASSIGN(const json::value answer, api.get(path));
    const json::object& job = answer.as_object();
    const std::string state = recon_text(job, "state");
    if (state != "queued" && state != "running") {
      return job;
    }
    const json::value* progress = job.if_contains("progress");
    const std::string note =
        progress != nullptr && progress->is_object() ? recon_text(progress->get_object(), "note") : std::string();
    // Of a job that waits, or does not know its end, the bar stays empty.
    bar.update(progress_of(job, "done"), std::max<std::uint64_t>(progress_of(job, "total"), 1), note);
    std::this_thread::sleep_for(kJobPollInterval);
  }
}

base::Result<std::string> run_of_job(const json::object& job) {
  const std::string state = recon_text(job, "state");
  if (state != "done") {
    const json::value* error = job.if_contains("error");
    const bool has_error = error != nullptr && error->is_object();
    return base::fail(base::ErrorKind::kConflict,
                      has_error ? recon_text(error->get_object(), "code") : "job_" + state,
                      fmt::format("the reconciliation is {}{}{}",
                                  state,
                                  has_error ? ": " : "",
                                  has_error ? recon_text(error->get_object(), "message") : std::string()));
  }
  const json::value* result = job.if_contains("result");
  return result != nullptr && result->is_object() ? recon_text(result->get_object(), "run") : std::string();
}

base::Result<int> show_run(Context& context, ApiClient& api, const std::string& run_id) {
  TALLY_ASSIGN(const json::value run, api.get("/api/reconciliations/" + base::percent_encode(run_id)));
  if (context.is_json) {
    print_json(context.terminal.out, run);
  } else {
    print_reconciliation(context.terminal.out, run.as_object());
  }
  return kSuccess;
}

base::Result<int> reconcile(Context& context, const ReconArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const json::value asked,
               api.post(fmt::format("/api/partners/{}/reconciliations", base::percent_encode(arguments.partner)),
                        json::object{{"from", arguments.from}, {"to", arguments.to}}));
  TALLY_ASSIGN(const json::object job, follow_reconciliation(context, api, recon_text(asked.as_object(), "id")));
  TALLY_ASSIGN(const std::string run_id, run_of_job(job));
  return show_run(context, api, run_id);
}

base::Result<int> list_runs(Context& context, const ReconArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  std::string path = fmt::format("/api/reconciliations?limit={}", arguments.limit);
  const auto add = [&](std::string_view name, const std::string& value) {
    path += value.empty() ? "" : fmt::format("&{}={}", name, base::percent_encode(value));
  };
  add("subject", arguments.partner);
  add("from", arguments.from);
  add("to", arguments.to);
  add("cursor", arguments.cursor);
  TALLY_ASSIGN(const json::value page, api.get(path));
  if (context.is_json) {
    print_json(context.terminal.out, page);
    return kSuccess;
  }
  Table table({"run", "with", "from", "to", "", "ours", "theirs", "difference", "variance %", ""});
  for (const json::value& item : page.at("items").as_array()) {
    const json::object& run = item.as_object();
    const json::object& period = run.at("period").as_object();
    for (const json::value& one : run.at("findings").as_array()) {
      const json::object& finding = one.as_object();
      table.add({recon_text(run, "id"),
                 recon_text(run, "subject_name"),
                 recon_text(period, "from"),
                 recon_text(period, "to"),
                 recon_text(finding, "currency"),
                 recon_text(finding, "our_commission"),
                 recon_text(finding, "their_commission"),
                 signed_text(recon_text(finding, "difference")),
                 recon_text(finding, "variance_pct"),
                 recon_text(finding, "is_discrepancy") == "true" ? "above tolerance" : ""});
    }
    if (run.at("findings").as_array().empty()) {
      table.add({recon_text(run, "id"),
                 recon_text(run, "subject_name"),
                 recon_text(period, "from"),
                 recon_text(period, "to"),
                 "",
                 "",
                 "",
                 "",
                 "",
                 "nothing on either side"});
    }
  }
  if (table.is_empty()) {
    fmt::print(context.terminal.out,
               "Nothing has been reconciled yet. Begin: tallystick recon run PARTNER --from DAY --to DAY\n");
    return kSuccess;
  }
  table.print(context.terminal.out);
  if (const std::string cursor = recon_text(page.as_object(), "next_cursor"); !cursor.empty()) {
    fmt::print(context.terminal.out, "More: --cursor {}\n", cursor);
  }
  return kSuccess;
}

}  // namespace

void add_recon_command(Command app, Context& context) {
  Command command = app.add_subcommand("recon", "Hold what partners say they owe against what happened");
  command.require_subcommand();

  const auto asked = std::make_shared<ReconArguments>();
  Command run = command.add_subcommand("run", "Reconcile a partner for some days, and show what came of it");
  run.footer(
      "The server does it as a job; Ctrl-C leaves it going.\n\n"
      "Examples:\n  tallystick recon run acme --from 2026-11-01 --to 2026-11-30\n"
      "  tallystick recon run acme --from 2026-11-01 --to 2026-11-30 --json");
  run.add_option("PARTNER", asked->partner, "Slug or id of the partner").required();
  run.add_option("--from", asked->from, "First day (2026-11-01)").required().type_name("DAY");
  run.add_option("--to", asked->to, "Last day, included").required().type_name("DAY");
  run.set_action(context, [&context, asked] { return reconcile(context, *asked); });

  const auto listed = std::make_shared<ReconArguments>();
  Command list = command.add_subcommand("list", "Show reconciliations, newest first");
  list.footer(
      "Examples:\n  tallystick recon list\n  tallystick recon list --partner acme --from 2026-11-01 --limit 5 --json");
  list.add_option("--partner", listed->partner, "Only those with this partner");
  list.add_option("--from", listed->from, "Only those that reach this day or a later one").type_name("DAY");
  list.add_option("--to", listed->to, "Only those that begin on this day or an earlier one").type_name("DAY");
  list.add_option("--limit", listed->limit, "At most so many").in_range(1, 500).show_default();
  list.add_option("--cursor", listed->cursor, "Continue where the page before ended");
  list.set_action(context, [&context, listed] { return list_runs(context, *listed); });

  const auto shown = std::make_shared<ReconArguments>();
  Command show = command.add_subcommand("show", "Figures, causes and discrepancies of a reconciliation");
  show.footer(
      "The chart goes from our figure to theirs; its lines add up.\n\n"
      "Examples:\n  tallystick recon show 0190163d-8694-739b-aea5-966c26f8ad90");
  show.add_option("RUN", shown->run_id, "Id of the run: tallystick recon list").required().type_name("UUID");
  show.set_action(context, [&context, shown]() -> base::Result<int> {
    TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
    return show_run(context, api, shown->run_id);
  });

  add_recon_export_command(command, context);
  add_recon_discrepancies_command(command, context);
}

}  // namespace tallystick::cli
