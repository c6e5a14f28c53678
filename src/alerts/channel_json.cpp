#include "alerts/channel_json.h"

#include <algorithm>

#include <fmt/format.h>

#include "access/json_members.h"

namespace tallystick::alerts {
namespace {

using access::JsonMembers;
namespace json = boost::json;

// Reads {"time_zone", "from", "to", "days", "critical_passes"}; what is wrong stands under /quiet_hours.
std::optional<QuietHours> read_quiet_hours(const json::object& object, base::FieldErrors& errors) {
  auto members = JsonMembers::parse(json::serialize(object));
  QuietHours hours;
  members->require("from");
  members->require("to");
  hours.time_zone = members->take_text("time_zone").value_or(hours.time_zone);
  hours.from_minute = members->take_parsed("from", parse_time_of_day).value_or(0);
  hours.to_minute = members->take_parsed("to", parse_time_of_day).value_or(0);
  hours.lets_critical_pass = members->take_boolean("critical_passes").value_or(hours.lets_critical_pass);
  const auto days = members->take_texts("days");
  for (int day = 0; !days && day < kWeekdayCount; ++day) {
    hours.days.push_back(static_cast<Weekday>(day));
  }
  for (const std::string& text : days.value_or(std::vector<std::string>())) {
    const auto day = parse_weekday(text);
    members->errors().check("/days", day);
    hours.days.push_back(day.value_or(Weekday::kMonday));
  }
  std::ranges::sort(hours.days);
  const auto repeated = std::ranges::unique(hours.days);
  hours.days.erase(repeated.begin(), repeated.end());
  if (const auto finished = members->finish(); !finished) {
    for (const base::FieldError& field : finished.error().fields) {
      errors.add("/quiet_hours" + field.pointer, field.code, field.detail);
    }
    return std::nullopt;
  }
  return hours;
}

std::optional<std::optional<QuietHours>> take_quiet_hours(JsonMembers& members) {
  const auto value = members.take("quiet_hours");
  if (!value) {
    return std::nullopt;
  }
  if (value->is_null()) {
    return std::optional<QuietHours>();
  }
  if (!value->is_object()) {
    members.errors().add("/quiet_hours", "wrong_type", "expected an object or null");
    return std::nullopt;
  }
  return read_quiet_hours(value->get_object(), members.errors());
}

ChannelChange take_change(JsonMembers& members) {
  ChannelChange change;
  change.name = members.take_text("name");
  change.is_enabled = members.take_boolean("enabled");
  change.url = members.take_text("url");
  change.recipients = members.take_texts("recipients");
  change.secret = members.take_text("secret");
  change.min_severity = members.take_parsed("min_severity", parse_severity);
  change.subjects = members.take_texts("subjects");
  change.quiet_hours = take_quiet_hours(members);
  return change;
}

json::array list_of(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

}  // namespace

json::value to_json(const std::optional<QuietHours>& hours) {
  if (!hours) {
    return nullptr;
  }
  json::array days;
  for (const Weekday day : hours->days) {
    days.emplace_back(name_of(day));
  }
  return json::object{{"time_zone", hours->time_zone},
                      {"from", format_time_of_day(hours->from_minute)},
                      {"to", format_time_of_day(hours->to_minute)},
                      {"days", std::move(days)},
                      {"critical_passes", hours->lets_critical_pass}};
}

json::object to_json(const Channel& channel) {
  return {{"id", base::format_uuid(channel.id)},
          {"name", channel.name},
          {"kind", name_of(channel.kind)},
          {"enabled", channel.is_enabled},
          {"url", channel.kind == ChannelKind::kEmail ? json::value() : json::value(shown_url(channel))},
          {"recipients", list_of(channel.recipients)},
          {"has_secret", !channel.secret.empty()},
          {"min_severity", name_of(channel.min_severity)},
          {"subjects", list_of(channel.subjects)},
          {"quiet_hours", to_json(channel.quiet_hours)},
          {"created_at", base::format_rfc3339(channel.created_at)},
          {"updated_at", base::format_rfc3339(channel.updated_at)},
          {"version", channel.version}};
}

base::Result<ChannelDraft> parse_channel_draft(std::string_view body) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(body));
  members.require("name");
  members.require("kind");
  ChannelDraft draft;
  draft.kind = members.take_parsed("kind", parse_channel_kind).value_or(draft.kind);
  draft.change = take_change(members);
  TALLY_TRY(members.finish());
  return draft;
}

base::Result<ChannelChange> parse_channel_change(std::string_view body) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(body));
  auto change = take_change(members);
  TALLY_TRY(members.finish());
  return change;
}

base::Result<std::optional<QuietHours>> parse_stored_quiet_hours(std::string_view text) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(fmt::format("{{\"quiet_hours\":{}}}", text)));
  const auto hours = take_quiet_hours(members);
  TALLY_TRY(members.finish());
  return hours.value_or(std::nullopt);
}

}  // namespace tallystick::alerts
