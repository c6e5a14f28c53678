#pragma once
// The journal's part of `tallystick doctor`.

#include "cli/doctor_checks.h"

namespace tallystick::cli {

// Whether there is a checkpoint and the last segment reads to its end.
[[nodiscard]] Finding check_journal(const server::DataDirectory& data);

}  // namespace tallystick::cli
