#include "alerts/slack_message.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

// The three characters that Slack gives a meaning of its own: links, mentions, entities.
std::string escape_slack(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string_view color_of(const Notice& notice) {
  if (notice.cause == Cause::kResolved) {
    return "#2e8b57";
  }
  switch (notice.alert.severity) {
    case Severity::kInfo:
      return "#3b7dd8";
    case Severity::kWarning:
      return "#e0a800";
    case Severity::kCritical:
      return "#c0392b";
  }
  return "#e0a800";
}

json::object field(std::string_view title, std::string_view value) {
  return {{"title", title}, {"value", escape_slack(value)}, {"short", true}};
}

}  // namespace

std::string make_slack_message(const Notice& notice) {
  const Alert& alert = notice.alert;
  const std::string headline = escape_slack(headline_of(notice));
  json::array fields = {field("Subject", alert.subject),
                        field("State", name_of(alert.state)),
                        field("Occurrences", fmt::format("{}", alert.occurrences)),
                        field("Since", base::format_rfc3339(alert.first_at))};
  json::object attachment = {{"color", color_of(notice)},
                             {"fallback", headline},
                             {"fields", std::move(fields)},
                             {"footer", escape_slack(notice.source + " · alert " + base::format_uuid(alert.id))},
                             {"ts", alert.last_at.us / base::kMicrosPerSecond}};
  return json::serialize(json::object{{"text", headline}, {"attachments", json::array{std::move(attachment)}}});
}

}  // namespace tallystick::alerts
