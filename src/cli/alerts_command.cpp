#include "cli/alerts_command.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/encoding.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kCheckPollInterval(250);
constexpr std::int64_t kAlertPageItems = 500;

struct AlertArguments {
  std::string id;
  std::string notes;
  std::string state;
  std::string severity;
  std::int64_t limit = 100;
};

std::string alert_text(const json::value& object, std::string_view name) {
  const json::value* member = object.as_object().if_contains(name);
  return member == nullptr || member->is_null() ? ""
         : member->is_string()                  ? std::string(member->get_string())
                                                : json::serialize(*member);
}

base::Result<json::array> load_alerts(ApiClient& api, const AlertArguments& arguments) {
  json::array alerts;
  std::string cursor;
  do {
    const std::int64_t missing = arguments.limit - static_cast<std::int64_t>(alerts.size());
    std::string path = fmt::format("/api/alerts?limit={}", std::min(missing, kAlertPageItems));
    const auto add = [&](std::string_view name, const std::string& value) {
      path += value.empty() ? "" : fmt::format("&{}={}", name, base::percent_encode(value));
    };
    add("state", arguments.state);
    add("severity", arguments.severity);
    add("cursor", cursor);
    TALLY_ASSIGN(const json::value page, api.get(path));
    for (const json::value& alert : page.at("items").as_array()) {
      alerts.push_back(alert);
    }
    cursor = alert_text(page, "next_cursor");
  } while (!cursor.empty() && static_cast<std::int64_t>(alerts.size()) < arguments.limit);
  return alerts;
}

base::Result<int> list_alerts(Context& context, const AlertArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(json::array alerts, load_alerts(api, arguments));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"items", std::move(alerts)}});
    return kSuccess;
  }
  if (alerts.empty()) {
    fmt::print(context.terminal.out, "No alerts{}.\n", arguments.state.empty() ? "" : " are " + arguments.state);
    return kSuccess;
  }
  Table table({"id", "severity", "state", "seen", "last", "subject", "summary"});
  for (const json::value& alert : alerts) {
    table.add({alert_text(alert, "id"),
               alert_text(alert, "severity"),
               alert_text(alert, "state"),
               alert_text(alert, "occurrences"),
               alert_text(alert, "last_at"),
               alert_text(alert, "subject"),
               alert_text(alert, "summary")});
  }
  table.print(context.terminal.out);
  return kSuccess;
}

void print_alert(std::ostream& out, const json::value& alert) {
  fmt::print(out, "{}: {}\n\n", alert_text(alert, "severity"), alert_text(alert, "summary"));
  Table table({"", ""});
  for (const std::string_view name :
       {"id", "key", "subject", "state", "occurrences", "first_at", "last_at", "evidence"}) {
    table.add({std::string(name), alert_text(alert, name)});
  }
  table.print(out);
  if (const std::string notes = alert_text(alert, "notes"); !notes.empty()) {
    fmt::print(out, "\nnotes:\n{}\n", notes);
  }
}

void print_deliveries(std::ostream& out, const json::array& deliveries) {
  if (deliveries.empty()) {
    fmt::print(out, "\nIt was told on no channel.\n");
    return;
  }
  fmt::print(out, "\nTold:\n");
  Table table({"channel", "kind", "cause", "state", "attempts", "at", "detail"});
  for (const json::value& delivery : deliveries) {
    const std::string finished = alert_text(delivery, "finished_at");
    table.add({alert_text(delivery, "channel"),
               alert_text(delivery, "kind"),
               alert_text(delivery, "cause"),
               alert_text(delivery, "state"),
               alert_text(delivery, "attempts"),
               finished.empty() ? "due " + alert_text(delivery, "due_at") : finished,
               alert_text(delivery, "detail")});
  }
  table.print(out);
}

base::Result<int> show_alert(Context& context, const AlertArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const json::value alert, api.get("/api/alerts/" + base::percent_encode(arguments.id)));
  if (context.is_json) {
    print_json(context.terminal.out, alert);
    return kSuccess;
  }
  print_alert(context.terminal.out, alert);
  print_deliveries(context.terminal.out, alert.at("deliveries").as_array());
  return kSuccess;
}

base::Result<int> settle_alert(Context& context, const AlertArguments& arguments, std::string_view action) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  json::object body;
  if (!arguments.notes.empty()) {
    body["notes"] = arguments.notes;
  }
  TALLY_ASSIGN(const json::value alert,
               api.post(fmt::format("/api/alerts/{}/{}", base::percent_encode(arguments.id), action), body));
  if (context.is_json) {
    print_json(context.terminal.out, alert);
  } else {
    fmt::print(context.terminal.out, "Alert {} is {}.\n", alert_text(alert, "id"), alert_text(alert, "state"));
  }
  return kSuccess;
}

// The job, once it has ended.
base::Result<json::value> follow_check(Context& context, ApiClient& api, const std::string& job_id) {
  Progress progress(context.terminal, context.clock, "checking");
  for (;;) {
    TALLY_ASSIGN(json::value job, api.get("/api/jobs/" + job_id));
    const std::string state = alert_text(job, "state");
    if (state != "queued" && state != "running") {
      return job;
    }
    progress.update(0, 0, state);
    std::this_thread::sleep_for(kCheckPollInterval);
  }
}

base::Result<int> check_alerts(Context& context) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const json::value begun, api.post("/api/alerts/check", json::object{}));
  TALLY_ASSIGN(const json::value job, follow_check(context, api, alert_text(begun, "job_id")));
  if (alert_text(job, "state") != "done") {
    return base::fail(base::ErrorKind::kInternal,
                      "check_failed",
                      "the checks did not come to their end: tallystick jobs show " + alert_text(begun, "job_id"));
  }
  const json::value& result = job.at("result");
  bool has_failed = false;
  Table table({"check", "raised", "resolved", "remark"});
  for (const json::value& check : result.at("checks").as_array()) {
    const json::value* error = check.as_object().if_contains("error");
    has_failed = has_failed || error != nullptr;
    table.add({alert_text(check, "name"),
               alert_text(check, "raised"),
               alert_text(check, "resolved"),
               error == nullptr ? alert_text(check, "remark") : "could not be made: " + alert_text(*error, "message")});
  }
  if (context.is_json) {
    print_json(context.terminal.out, result);
  } else {
    table.print(context.terminal.out);
  }
  return has_failed ? kFailure : kSuccess;
}

void add_settling(Command command, Context& context, const std::string& action, const std::string& description) {
  const auto arguments = std::make_shared<AlertArguments>();
  Command sub = command.add_subcommand(action, description);
  sub.footer(fmt::format("Examples:\n  tallystick alerts {} 0190163d-8694-739b-aea5-966c26f8ad90 --notes \"made room\"",
                         action));
  sub.add_option("ID", arguments->id, "Of the alert").required();
  sub.add_option("--notes", arguments->notes, "What was found or done; added to the notes there are");
  sub.set_action(context, [&context, arguments, action] { return settle_alert(context, *arguments, action); });
}

}  // namespace

void add_alerts_command(Command app, Context& context) {
  Command command = app.add_subcommand("alerts", "What somebody should look at, and where it is told");
  command.require_subcommand();
  const auto listed = std::make_shared<AlertArguments>();
  Command list = command.add_subcommand("list", "Show alerts, oldest first");
  list.footer("Examples:\n  tallystick alerts list --state open\n  tallystick alerts list --severity critical --json");
  list.add_option("--state", listed->state, "Only open, acknowledged or resolved ones");
  list.add_option("--severity", listed->severity, "Only info, warning or critical ones");
  list.add_option("--limit", listed->limit, "At most so many").in_range(1, 100'000).show_default();
  list.set_action(context, [&context, listed] { return list_alerts(context, *listed); });

  const auto shown = std::make_shared<AlertArguments>();
  Command show = command.add_subcommand("show", "Show an alert, and what was told of it on which channel");
  show.footer("Examples:\n  tallystick alerts show 0190163d-8694-739b-aea5-966c26f8ad90");
  show.add_option("ID", shown->id, "Of the alert").required();
  show.set_action(context, [&context, shown] { return show_alert(context, *shown); });

  add_settling(command, context, "acknowledge", "Say that somebody looks at it");
  add_settling(command, context, "resolve", "Say that it is settled");

  Command check = command.add_subcommand("check", "Run the hourly checks now, and wait for them");
  check.footer(
      "Exit code 1 when a check could not be made.\n\nExamples:\n  tallystick alerts check\n  tallystick alerts "
      "check --json");
  check.set_action(context, [&context] { return check_alerts(context); });
  add_alert_channels_command(command, context);
}

}  // namespace tallystick::cli
