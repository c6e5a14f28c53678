#pragma once
// The real built-in engine in a process of its own, as a warehouse for tests: over its unix socket, and over TCP the
// way a ClickHouse server is reached. The folder is the test's, so that the engine can be killed and started again on
// it.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace tallystick::support {

class WarehouseEngine {
 public:
  // Starts and waits until it serves. Throws std::runtime_error, with the output, when it does not.
  explicit WarehouseEngine(const std::filesystem::path& folder, const std::vector<std::string>& more_arguments = {});

  [[nodiscard]] const std::string& socket() const { return socket_; }
  // "http://127.0.0.1:40123"
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] ChildProcess& process() { return *process_; }
  // SIGKILL, and waits for the end.
  void kill();

 private:
  std::string socket_;
  std::string url_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace tallystick::support
