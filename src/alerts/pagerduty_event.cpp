#include "alerts/pagerduty_event.h"

#include <boost/json.hpp>

#include "alerts/alert_json.h"
#include "base/utf8.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPagerdutySummaryBytes = 1'024;  // the API's limit

std::string_view name_of_action(PagerdutyAction action) {
  switch (action) {
    case PagerdutyAction::kTrigger:
      return "trigger";
    case PagerdutyAction::kAcknowledge:
      return "acknowledge";
    case PagerdutyAction::kResolve:
      return "resolve";
  }
  return "trigger";
}

}  // namespace

PagerdutyAction pagerduty_action(Cause cause) {
  switch (cause) {
    case Cause::kAcknowledged:
      return PagerdutyAction::kAcknowledge;
    case Cause::kResolved:
      return PagerdutyAction::kResolve;
    case Cause::kRaised:
    case Cause::kEscalated:
    case Cause::kTest:
      break;
  }
  return PagerdutyAction::kTrigger;
}

std::string make_pagerduty_event(const Notice& notice, std::string_view routing_key, PagerdutyAction action) {
  const Alert& alert = notice.alert;
  json::object event = {{"routing_key", routing_key},
                        {"event_action", name_of_action(action)},
                        {"dedup_key", "tallystick:" + base::format_uuid(alert.id)}};
  if (action == PagerdutyAction::kTrigger) {
    // Our three severities are three of the API's four: info, warning, error, critical.
    event["payload"] = json::object{{"summary", base::clean_utf8(alert.summary, kMaxPagerdutySummaryBytes)},
                                    {"source", notice.source},
                                    {"severity", name_of(alert.severity)},
                                    {"timestamp", base::format_rfc3339(alert.last_at)},
                                    {"component", alert.subject},
                                    {"class", alert.dedupe_key},
                                    {"custom_details", to_json(alert)}};
    event["client"] = "Tallystick";
  }
  return json::serialize(event);
}

}  // namespace tallystick::alerts
