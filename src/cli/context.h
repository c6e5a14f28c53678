#pragma once
// What every command gets: the global options, the streams, and the action that parsing chose. A command
// file adds its options to the parser and sets the action; run() executes it after parsing. One thread.

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "base/config.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "server/settings.h"

namespace tallystick::cli {

struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool is_interactive = false;  // standard error is a terminal: progress bars make sense
};

struct Context {
  Terminal& terminal;
  server::Environment environment;
  base::SystemClock clock = {};
  base::SystemRandom random = {};

  // Global options.
  bool is_json = false;
  std::string config_file = {};
  std::string data_directory = {};
  std::string url = {};
  std::string key_file = {};

  // Returns the exit code, or an error that run() reports.
  std::function<base::Result<int>()> action = {};

  [[nodiscard]] std::optional<std::string> variable(std::string_view name) const;
  // File, environment and --data together.
  [[nodiscard]] base::Result<base::Config> load_config() const;
};

inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kDoesNotVerify = 3;

}  // namespace tallystick::cli
