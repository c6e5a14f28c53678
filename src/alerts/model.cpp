#include "alerts/model.h"

namespace tallystick::alerts {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "warning";
}

base::Result<Severity> parse_severity(std::string_view text) {
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kCritical}) {
    if (name_of(severity) == text) {
      return severity;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_severity", "a severity is info, warning or critical");
}

std::string_view name_of(State state) {
  switch (state) {
    case State::kOpen:
      return "open";
    case State::kAcknowledged:
      return "acknowledged";
    case State::kResolved:
      return "resolved";
  }
  return "open";
}

base::Result<State> parse_state(std::string_view text) {
  for (const State state : {State::kOpen, State::kAcknowledged, State::kResolved}) {
    if (name_of(state) == text) {
      return state;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_state", "a state is open, acknowledged or resolved");
}

}  // namespace tallystick::alerts
