#pragma once
// The links of partners over the server's API, beside the signing of links with the local key.

#include "cli/command_line.h"
#include "cli/context.h"

namespace tallystick::cli {

// Adds list, show, create, change, pause and resume to the command "link".
void add_link_record_commands(Command command, Context& context);

}  // namespace tallystick::cli
