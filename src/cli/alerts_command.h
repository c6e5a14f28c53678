#pragma once
// The part of `tallystick alerts` that has a file of its own: the channels on which alerts are told.

#include "cli/command_line.h"
#include "cli/context.h"

namespace tallystick::cli {

void add_alert_channels_command(Command alerts, Context& context);

}  // namespace tallystick::cli
