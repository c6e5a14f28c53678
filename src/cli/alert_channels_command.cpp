#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "alerts/webhook_message.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/uuid.h"
#include "cli/alerts_command.h"
#include "cli/api_client.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxSecretFileBytes = 16UZ * 1024;
constexpr const char* kChannelsPath = "/api/alert-channels";

struct ChannelArguments {
  std::string channel;  // id or name
  std::string name, kind, url, url_file, secret_file, min_severity;
  std::vector<std::string> recipients, subjects, quiet_days;
  std::string quiet_from, quiet_to, quiet_zone;
  bool holds_critical = false, has_no_quiet_hours = false, is_disabled = false, is_enabled = false;
};

std::string channel_text(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member == nullptr || member->is_null() ? ""
         : member->is_string()                  ? std::string(member->get_string())
                                                : json::serialize(*member);
}

std::string joined(const json::value& list) {
  std::string text;
  for (const json::value& item : list.as_array()) {
    text += (text.empty() ? "" : " ") + std::string(item.as_string());
  }
  return text;
}

std::string shown_quiet_hours(const json::value& hours) {
  if (hours.is_null()) {
    return "";
  }
  const json::object& object = hours.as_object();
  return fmt::format("{}-{} {} ({})",
                     channel_text(object, "from"),
                     channel_text(object, "to"),
                     channel_text(object, "time_zone"),
                     joined(object.at("days")));
}

base::Result<json::array> load_channels(ApiClient& api) {
  // There are at most as many as a page holds.
  TALLY_ASSIGN(json::value page, api.get(fmt::format("{}?limit=500", kChannelsPath)));
  return std::move(page.at("items").as_array());
}

// The path of the channel that is named by its id or its name.
base::Result<std::string> find_channel_path(ApiClient& api, const std::string& channel) {
  if (base::parse_uuid(channel)) {
    return fmt::format("{}/{}", kChannelsPath, channel);
  }
  TALLY_ASSIGN(const json::array channels, load_channels(api));
  for (const json::value& item : channels) {
    if (channel_text(item.as_object(), "name") == channel) {
      return fmt::format("{}/{}", kChannelsPath, channel_text(item.as_object(), "id"));
    }
  }
  return base::fail(base::ErrorKind::kNotFound,
                    "channel_not_found",
                    "there is no such channel: `tallystick alerts channels list` shows those there are");
}

base::Result<int> list_channels(Context& context) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(json::array channels, load_channels(api));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"items", std::move(channels)}});
    return kSuccess;
  }
  if (channels.empty()) {
    fmt::print(context.terminal.out, "No channels: alerts are stored and logged, but told nowhere.\n");
    return kSuccess;
  }
  Table table({"id", "name", "kind", "state", "from severity", "to", "subjects", "quiet"});
  for (const json::value& item : channels) {
    const json::object& channel = item.as_object();
    const std::string url = channel_text(channel, "url");
    const std::string subjects = joined(channel.at("subjects"));
    table.add({channel_text(channel, "id"),
               channel_text(channel, "name"),
               channel_text(channel, "kind"),
               channel.at("enabled").as_bool() ? "enabled" : "disabled",
               channel_text(channel, "min_severity"),
               url.empty() ? joined(channel.at("recipients")) : url,
               subjects.empty() ? "all" : subjects,
               shown_quiet_hours(channel.at("quiet_hours"))});
  }
  table.print(context.terminal.out);
  return kSuccess;
}

base::Result<std::string> read_secret(const std::string& file) {
  TALLY_ASSIGN(std::string text, base::read_file(file, kMaxSecretFileBytes));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

json::array to_list(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

void add_quiet_hours(const ChannelArguments& arguments, json::object& body) {
  if (arguments.has_no_quiet_hours) {
    body["quiet_hours"] = nullptr;
  }
  if (arguments.quiet_from.empty() && arguments.quiet_to.empty()) {
    return;
  }
  json::object hours = {
      {"from", arguments.quiet_from}, {"to", arguments.quiet_to}, {"critical_passes", !arguments.holds_critical}};
  if (!arguments.quiet_zone.empty()) {
    hours["time_zone"] = arguments.quiet_zone;
  }
  if (!arguments.quiet_days.empty()) {
    hours["days"] = to_list(arguments.quiet_days);
  }
  body["quiet_hours"] = std::move(hours);
}

// The members that options name.
base::Result<json::object> make_body(const ChannelArguments& arguments) {
  json::object body;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      body[name] = value;
    }
  };
  add("name", arguments.name);
  add("kind", arguments.kind);
  add("url", arguments.url);
  add("min_severity", arguments.min_severity);
  if (!arguments.url_file.empty()) {
    TALLY_ASSIGN(const std::string url, read_secret(arguments.url_file));
    add("url", url);
  }
  if (!arguments.secret_file.empty()) {
    TALLY_ASSIGN(const std::string secret, read_secret(arguments.secret_file));
    add("secret", secret);
  }
  if (!arguments.recipients.empty()) {
    body["recipients"] = to_list(arguments.recipients);
  }
  if (!arguments.subjects.empty()) {
    const bool is_all = arguments.subjects == std::vector<std::string>{"all"};
    body["subjects"] = is_all ? json::array() : to_list(arguments.subjects);
  }
  if (arguments.is_enabled || arguments.is_disabled) {
    body["enabled"] = arguments.is_enabled;
  }
  add_quiet_hours(arguments, body);
  return body;
}

base::Result<int> create_channel(Context& context, const ChannelArguments& arguments) {
  TALLY_ASSIGN(json::object body, make_body(arguments));
  std::string made_secret;
  if (arguments.kind == "webhook" && !body.contains("secret")) {
    made_secret = alerts::make_webhook_secret(context.random);
    body["secret"] = made_secret;
  }
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(json::value channel, api.post(kChannelsPath, body));
  if (context.is_json) {
    if (!made_secret.empty()) {
      channel.as_object()["secret"] = made_secret;
    }
    print_json(context.terminal.out, channel);
    return kSuccess;
  }
  const json::object& shown = channel.as_object();
  fmt::print(context.terminal.out,
             "Channel {} ({}). Try it: tallystick alerts channels test {}\n",
             channel_text(shown, "name"),
             channel_text(shown, "id"),
             channel_text(shown, "id"));
  if (!made_secret.empty()) {
    fmt::print(context.terminal.out,
               "The receiver checks signatures with this secret. It is shown once; keep it.\n\n    {}\n",
               made_secret);
  }
  return kSuccess;
}

base::Result<int> change_channel(Context& context, const ChannelArguments& arguments) {
  TALLY_ASSIGN(const json::object body, make_body(arguments));
  if (body.empty()) {
    return base::fail(base::ErrorKind::kInvalid, "nothing_to_change", "say what to change; --help lists the options");
  }
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const std::string path, find_channel_path(api, arguments.channel));
  TALLY_ASSIGN(const json::value channel, api.patch(path, body));
  if (context.is_json) {
    print_json(context.terminal.out, channel);
  } else {
    fmt::print(context.terminal.out,
               "Channel {} is changed (version {}).\n",
               channel_text(channel.as_object(), "name"),
               channel_text(channel.as_object(), "version"));
  }
  return kSuccess;
}

base::Result<int> remove_channel(Context& context, const ChannelArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const std::string path, find_channel_path(api, arguments.channel));
  TALLY_TRY(api.remove(path));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"removed", arguments.channel}});
  } else {
    fmt::print(context.terminal.out, "Channel {} is gone; what waited for it is not told.\n", arguments.channel);
  }
  return kSuccess;
}

base::Result<int> test_channel(Context& context, const ChannelArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const std::string path, find_channel_path(api, arguments.channel));
  TALLY_ASSIGN(const json::value outcome, api.post(path + "/test", json::object{}));
  const json::object& shown = outcome.as_object();
  const bool is_sent = channel_text(shown, "result") == "sent";
  if (context.is_json) {
    print_json(context.terminal.out, outcome);
  } else if (is_sent) {
    fmt::print(context.terminal.out, "Sent in {} ms.\n", channel_text(shown, "duration_ms"));
  } else {
    fmt::print(context.terminal.err,
               "It could not be sent: {} [{}]\n",
               channel_text(shown, "detail"),
               channel_text(shown, "code"));
  }
  return is_sent ? kSuccess : kFailure;
}

void add_member_options(Command command, const std::shared_ptr<ChannelArguments>& arguments) {
  command.add_option("--url", arguments->url, "Where to send to; of Slack it is a credential: better --url-file");
  command.add_option("--url-file", arguments->url_file, "File that holds the URL").type_name("FILE");
  command
      .add_option("--secret-file",
                  arguments->secret_file,
                  "File that holds the routing key (pagerduty) or the signing secret (webhook)")
      .type_name("FILE");
  command.add_option("--to", arguments->recipients, "Address of a recipient; repeat it for several");
  command.add_option("--min-severity", arguments->min_severity, "info, warning (default) or critical");
  command.add_option("--subject",
                     arguments->subjects,
                     "Only alerts of this subject, or of those that begin so: partner:*; repeat it; all: of every one");
  command.add_option("--quiet-from", arguments->quiet_from, "Beginning of quiet hours: 22:00");
  command.add_option("--quiet-to", arguments->quiet_to, "Their end: 07:00");
  command.add_option("--quiet-zone", arguments->quiet_zone, "Their time zone, an IANA name (default: UTC)");
  command.add_option("--quiet-day", arguments->quiet_days, "Day on which they begin: mon; repeat it (default: all)");
  command.add_flag("--quiet-for-critical", arguments->holds_critical, "Critical alerts wait for their end too");
  command.add_flag("--disabled", arguments->is_disabled, "Tell nothing on it");
}

}  // namespace

void add_alert_channels_command(Command alerts, Context& context) {
  Command command = alerts.add_subcommand("channels", "Where alerts are told: Slack, PagerDuty, webhooks, e-mail");
  command.require_subcommand();
  Command list = command.add_subcommand("list", "Show the channels");
  list.footer("Examples:\n  tallystick alerts channels list\n  tallystick alerts channels list --json");
  list.set_action(context, [&context] { return list_channels(context); });

  const auto created = std::make_shared<ChannelArguments>();
  Command create = command.add_subcommand("create", "Add a channel");
  create.footer(
      "Examples:\n"
      "  tallystick alerts channels create --name ops --kind slack --url-file slack.url\n"
      "  tallystick alerts channels create --name pager --kind pagerduty --secret-file key --min-severity critical\n"
      "  tallystick alerts channels create --name crm --kind webhook --url https://crm.example/hooks\n"
      "  tallystick alerts channels create --name desk --kind email --to desk@example.com --quiet-from 22:00 "
      "--quiet-to "
      "07:00 --quiet-zone Europe/Berlin");
  create.add_option("--name", created->name, "What it is called").required();
  create.add_option("--kind", created->kind, "slack, pagerduty, webhook or email").required();
  add_member_options(create, created);
  create.set_action(context, [&context, created] { return create_channel(context, *created); });

  const auto changed = std::make_shared<ChannelArguments>();
  Command change = command.add_subcommand("change", "Change what options name");
  change.footer(
      "Examples:\n  tallystick alerts channels change ops --min-severity critical\n  tallystick alerts "
      "channels change ops --disabled\n  tallystick alerts channels change ops --no-quiet-hours");
  change.add_option("CHANNEL", changed->channel, "Its name or id").required();
  change.add_option("--name", changed->name, "What it is called from now on");
  add_member_options(change, changed);
  change.add_flag("--enabled", changed->is_enabled, "Tell alerts on it again");
  change.add_flag("--no-quiet-hours", changed->has_no_quiet_hours, "Tell alerts at all hours");
  change.set_action(context, [&context, changed] { return change_channel(context, *changed); });

  const auto named = std::make_shared<ChannelArguments>();
  Command remove = command.add_subcommand("remove", "Remove a channel");
  remove.footer("Examples:\n  tallystick alerts channels remove ops");
  remove.add_option("CHANNEL", named->channel, "Its name or id").required();
  remove.set_action(context, [&context, named] { return remove_channel(context, *named); });

  Command test = command.add_subcommand("test", "Send a test on a channel, now");
  test.footer("Exit code 1 when it could not be sent.\n\nExamples:\n  tallystick alerts channels test ops");
  test.add_option("CHANNEL", named->channel, "Its name or id").required();
  test.set_action(context, [&context, named] { return test_channel(context, *named); });
}

}  // namespace tallystick::cli
