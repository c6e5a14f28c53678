#include "alerts/alert_json.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

json::value time_or_null(base::Timestamp time) {
  return time.us == 0 ? json::value() : json::value(base::format_rfc3339(time));
}

}  // namespace

json::object to_json(const Alert& alert) {
  boost::system::error_code error;
  json::value evidence = json::parse(alert.evidence, error);
  if (error) {
    evidence = json::string_view(alert.evidence);
  }
  return {{"id", base::format_uuid(alert.id)},
          {"key", alert.dedupe_key},
          {"severity", name_of(alert.severity)},
          {"subject", alert.subject},
          {"summary", alert.summary},
          {"evidence", std::move(evidence)},
          {"state", name_of(alert.state)},
          {"notes", alert.notes},
          {"occurrences", alert.occurrences},
          {"first_at", base::format_rfc3339(alert.first_at)},
          {"last_at", base::format_rfc3339(alert.last_at)}};
}

json::object to_json(const Delivery& delivery) {
  return {{"id", base::format_uuid(delivery.id)},
          {"channel_id", base::format_uuid(delivery.channel_id)},
          {"channel", delivery.channel_name},
          {"kind", name_of(delivery.channel_kind)},
          {"cause", name_of(delivery.cause)},
          {"state", name_of(delivery.state)},
          {"attempts", delivery.attempts},
          {"reason", delivery.reason},
          {"detail", delivery.detail},
          {"due_at", base::format_rfc3339(delivery.due_at)},
          {"created_at", base::format_rfc3339(delivery.created_at)},
          {"finished_at", time_or_null(delivery.finished_at)}};
}

}  // namespace tallystick::alerts
