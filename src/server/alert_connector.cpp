#include "server/alert_connector.h"

namespace tallystick::server {
namespace {

alerts::Severity convert(capture::AlertSeverity severity) {
  switch (severity) {
    case capture::AlertSeverity::kInfo:
      return alerts::Severity::kInfo;
    case capture::AlertSeverity::kWarning:
      return alerts::Severity::kWarning;
    case capture::AlertSeverity::kCritical:
      return alerts::Severity::kCritical;
  }
  return alerts::Severity::kWarning;
}

}  // namespace

void AlertConnector::raise(const capture::Alert& alert) {
  alerts::Occurrence occurrence;
  occurrence.dedupe_key = alert.dedupe_key;
  occurrence.severity = convert(alert.severity);
  occurrence.subject = alert.subject;
  occurrence.summary = alert.summary;
  occurrence.evidence = alert.evidence;
  if (const auto raised = alerts_.raise(occurrence); !raised) {
    log_.error("an alert could not be stored", raised.error());
  }
}

}  // namespace tallystick::server
