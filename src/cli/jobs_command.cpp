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
#include "cli/record_client.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr auto kFollowInterval = std::chrono::milliseconds(500);

struct JobsArguments {
  std::string id;  // or the name of a schedule
  std::string state, kind, subject;
  bool is_followed = false;
  ListOptions list{.limit = 50};
  ChangeOptions change;
};

std::string path_of_job(const JobsArguments& arguments) {
  return make_path({"api", "jobs", arguments.id});
}

base::Result<int> list_jobs(Context& context, const JobsArguments& arguments) {
  std::string path = fmt::format("/api/jobs?state={}&kind={}&subject={}",
                                 base::percent_encode(arguments.state),
                                 base::percent_encode(arguments.kind),
                                 base::percent_encode(arguments.subject));
  return list_records(context,
                      std::move(path),
                      {"id", "kind", "subject", "state", "attempts", "created_at", "run_at", "finished_at"},
                      arguments.list,
                      "There is no such job.");
}

std::int64_t progress_member(const json::value& job, std::string_view member) {
  const json::value& value = job.at("progress").at(member);
  return value.is_int64() ? value.get_int64() : 0;
}

bool has_ended(const json::value& job) {
  const std::string state = member_text(job, "state");
  return state != "queued" && state != "running";
}

// Until it ends: a bar on a terminal, elsewhere nothing.
base::Result<json::value> follow(Context& context, ApiClient& api, const std::string& path) {
  TALLY_ASSIGN(json::value job, api.get(path));
  Progress bar(context.terminal, context.clock, member_text(job, "kind"));
  while (!has_ended(job)) {
    const auto done = static_cast<std::uint64_t>(std::max<std::int64_t>(progress_member(job, "done"), 0));
    const auto total = static_cast<std::uint64_t>(std::max<std::int64_t>(progress_member(job, "total"), 0));
    const std::string note = member_text(job.at("progress"), "note");
    // Of a job that does not know its end the bar stays empty, and says how much is done.
    bar.update(total == 0 ? 0 : done,
               total == 0 ? 1 : total,
               fmt::format("{} {}{}", member_text(job, "state"), total == 0 ? with_thousands(done) + " " : "", note));
    std::this_thread::sleep_for(kFollowInterval);
    TALLY_ASSIGN(job, api.get(path));
  }
  return job;
}

base::Result<int> show_job(Context& context, const JobsArguments& arguments) {
  if (!arguments.is_followed) {
    return show_record(context, path_of_job(arguments));
  }
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const json::value job, follow(context, api, path_of_job(arguments)));
  print_record(context, job);
  return member_text(job, "state") == "done" ? kSuccess : kFailure;
}

base::Result<int> run_schedule_now(Context& context, const JobsArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  api.set_reason(arguments.change.reason);
  TALLY_ASSIGN(const json::value job, api.post(make_path({"api", "schedules", arguments.id}) + "/run", json::object{}));
  if (!arguments.is_followed) {
    if (context.is_json) {
      print_json(context.terminal.out, job);
    } else {
      fmt::print(context.terminal.out,
                 "Job {} is {}. Follow it: tallystick jobs show {} --follow\n",
                 member_text(job, "id"),
                 member_text(job, "state"),
                 member_text(job, "id"));
    }
    return kSuccess;
  }
  TALLY_ASSIGN(const json::value ended, follow(context, api, make_path({"api", "jobs", member_text(job, "id")})));
  print_record(context, ended);
  return member_text(ended, "state") == "done" ? kSuccess : kFailure;
}

void add_job_step(Command command,
                  Context& context,
                  const std::string& name,
                  const std::string& description,
                  const std::string& done) {
  const auto arguments = std::make_shared<JobsArguments>();
  Command step = command.add_subcommand(name, description);
  step.footer("Examples:\n  tallystick jobs " + name + " 0190163d-8694-739b-aea5-966c26f8ad90");
  step.add_option("job", arguments->id, "Id of the job").required().type_name("UUID");
  arguments->change.add_to(step, false);
  step.set_action(context, [&context, arguments, name, done] {
    return change_record(
        context, ChangeMethod::kPost, path_of_job(*arguments) + "/" + name, {}, arguments->change, done);
  });
}

void add_schedule_commands(Command command, Context& context) {
  const auto listed = std::make_shared<JobsArguments>();
  Command schedules = command.add_subcommand("schedules", "Show what happens by itself, and when next");
  schedules.footer("Examples:\n  tallystick jobs schedules");
  listed->list.add_to(schedules);
  schedules.set_action(context, [&context, listed] {
    return list_records(context,
                        "/api/schedules",
                        {"name", "cron", "time_zone", "last_at", "next_at", "last_job_id"},
                        listed->list,
                        "There is no schedule.");
  });

  const auto run = std::make_shared<JobsArguments>();
  Command run_command = command.add_subcommand("run", "Queue the job of a schedule now");
  run_command.footer("Examples:\n  tallystick jobs run retention --follow");
  run_command.add_option("schedule", run->id, "Name of the schedule: tallystick jobs schedules").required();
  run_command.add_flag("--follow", run->is_followed, "Wait until the job ends");
  run->change.add_to(run_command, false);
  run_command.set_action(context, [&context, run] { return run_schedule_now(context, *run); });
}

}  // namespace

void add_jobs_command(Command app, Context& context) {
  Command command = app.add_subcommand("jobs", "Work that the server does beside requests, and its schedules");
  command.require_subcommand();

  const auto listed = std::make_shared<JobsArguments>();
  Command list = command.add_subcommand("list", "Show jobs, newest first");
  list.footer("Examples:\n  tallystick jobs list --state dead\n  tallystick jobs list --kind report.import --csv");
  list.add_option("--state", listed->state, "queued, running, done, dead or cancelled");
  list.add_option("--kind", listed->kind, "Only those of this kind");
  list.add_option("--subject", listed->subject, "Only those about this, as partner:<id>");
  listed->list.add_to(list);
  list.set_action(context, [&context, listed] { return list_jobs(context, *listed); });

  const auto shown = std::make_shared<JobsArguments>();
  Command show = command.add_subcommand("show", "Show a job, with its payload, result and last error");
  show.footer(
      "With --follow the exit code is 0 only if the job is done.\n\nExamples:\n  tallystick jobs show "
      "0190163d-8694-739b-aea5-966c26f8ad90 --follow");
  show.add_option("job", shown->id, "Id of the job").required().type_name("UUID");
  show.add_flag("--follow", shown->is_followed, "Wait until it ends, with a progress bar on a terminal");
  show.set_action(context, [&context, shown] { return show_job(context, *shown); });

  add_job_step(command, context, "retry", "Queue a dead or cancelled job again", "Queued again");
  add_job_step(
      command, context, "cancel", "Cancel a queued job; ask a running one to stop", "Cancelled, or asked to stop");
  add_schedule_commands(command, context);
}

}  // namespace tallystick::cli
