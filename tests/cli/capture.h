#pragma once
// Runs the command line inside the test process and keeps what it printed.

#include <sstream>
#include <string>
#include <vector>

#include "cli/run.h"

namespace tallystick::cli {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

inline Outcome run_captured(const std::vector<std::string>& arguments, const server::Environment& environment = {}) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err, false};
  const int code = run(arguments, environment, terminal);
  return {code, out.str(), err.str()};
}

}  // namespace tallystick::cli
