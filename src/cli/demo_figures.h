#pragma once
// The end of the demo: waits until the warehouse holds what was sent, then shows its reports. One thread.

#include <cstdint>

#include "cli/api_client.h"
#include "cli/context.h"

namespace tallystick::cli {

// `records`: of the log, which are to be in the figures. The warehouse may be off, behind or away: then it says so; the
// demo is about the log, whose counts are checked before.
void show_demo_figures(Context& context, ApiClient& api, std::uint64_t records);

}  // namespace tallystick::cli
