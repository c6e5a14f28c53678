#include "jobs/model.h"

namespace tallystick::jobs {

std::string_view name_of(State state) {
  switch (state) {
    case State::kQueued:
      return "queued";
    case State::kRunning:
      return "running";
    case State::kDone:
      return "done";
    case State::kDead:
      return "dead";
    case State::kCancelled:
      return "cancelled";
  }
  return "queued";
}

base::Result<State> parse_state(std::string_view text) {
  for (const State state : {State::kQueued, State::kRunning, State::kDone, State::kDead, State::kCancelled}) {
    if (name_of(state) == text) {
      return state;
    }
  }
  return base::fail(
      base::ErrorKind::kInvalid, "unknown_state", "a job's state is queued, running, done, dead or cancelled");
}

}  // namespace tallystick::jobs
