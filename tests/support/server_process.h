#pragma once
// The real server in a process of its own, on a free port and a data directory that the test names, so that
// it can be killed and started again.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/raw_http.h"

namespace tallystick::support {

// Path of the program under test; set by the build (TALLYSTICK_BINARY).
[[nodiscard]] std::string tallystick_binary();

class ServerProcess {
 public:
  // Starts and waits until it serves. Throws std::runtime_error, with the output, when it does not.
  // `settings` are TALLYSTICK_* variables without the prefix, e.g. {"JOURNAL_SYNC", "interval"}.
  explicit ServerProcess(const std::filesystem::path& data_directory,
                         const std::map<std::string, std::string>& settings = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // The administrator key that the first start printed; empty on later starts.
  [[nodiscard]] const std::string& first_key() const { return first_key_; }
  [[nodiscard]] ChildProcess& process() { return *process_; }
  // SIGKILL, and waits for the end.
  void kill();
  // SIGTERM; the exit code.
  int stop();

 private:
  std::unique_ptr<ChildProcess> process_;
  std::uint16_t port_ = 0;
  std::string first_key_;
};

// Environment for the server and for other commands on the same data directory. The engine is off: it is a process of
// 200 MB that most tests have no use for; those that do say {"ENGINE_ENABLED", "true"}.
[[nodiscard]] std::map<std::string, std::string> command_environment(const std::filesystem::path& data_directory);

}  // namespace tallystick::support
