#pragma once
// The command line as a function: arguments and environment in, text and an exit code out.

#include <string>
#include <vector>

#include "cli/context.h"
#include "server/settings.h"

namespace tallystick::cli {

// `arguments` without the program's name. Exit codes: 0 success, 1 failure, 2 wrong usage or input, 3 data does not
// verify, 4 unavailable.
[[nodiscard]] int run(const std::vector<std::string>& arguments,
                      const server::Environment& environment,
                      Terminal& terminal);

}  // namespace tallystick::cli
