#pragma once
// A child process for black-box tests: its output is collected, it can be signalled, and it never
// outlives the test.

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace tallystick::support {

class ChildProcess {
 public:
  // Throws std::runtime_error when the program cannot be started. `environment` is added to ours.
  ChildProcess(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment = {});
  // Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Standard output and error so far.
  [[nodiscard]] std::string output() const;
  // The whole of it: after wait().
  [[nodiscard]] std::string all_output();
  // Waits until the output contains `text`; false when the process ended or `limit` passed without it.
  [[nodiscard]] bool wait_for_output(std::string_view text,
                                     std::chrono::seconds limit = std::chrono::seconds(60)) const;
  void signal(int number) const;
  // The exit code, or 128 + the signal that ended it. Kills it when `limit` passes, which throws.
  int wait(std::chrono::seconds limit = std::chrono::seconds(60));
  [[nodiscard]] bool is_running();

 private:
  void collect();

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::optional<int> exit_code_;
  mutable std::mutex mutex_;
  std::string output_;
  bool has_ended_ = false;
  std::thread collector_;
};

// Runs a command to its end.
struct CommandResult {
  int exit_code = 0;
  std::string output;
};
[[nodiscard]] CommandResult run_command(const std::vector<std::string>& command,
                                        const std::map<std::string, std::string>& environment = {},
                                        std::chrono::seconds limit = std::chrono::seconds(120));

}  // namespace tallystick::support
