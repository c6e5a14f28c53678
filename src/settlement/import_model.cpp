#include "settlement/import_model.h"

namespace tallystick::settlement {

std::string_view name_of(ImportState state) {
  switch (state) {
    case ImportState::kWaiting:
      return "waiting";
    case ImportState::kRunning:
      return "running";
    case ImportState::kComplete:
      return "complete";
    case ImportState::kRefused:
      return "refused";
  }
  return "waiting";
}

base::Result<ImportState> parse_import_state(std::string_view text) {
  for (const ImportState state :
       {ImportState::kWaiting, ImportState::kRunning, ImportState::kComplete, ImportState::kRefused}) {
    if (name_of(state) == text) {
      return state;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_state", "a state is waiting, running, complete or refused");
}

}  // namespace tallystick::settlement
