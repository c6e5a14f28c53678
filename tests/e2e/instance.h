#pragma once
// A server on a data directory of its own, and the commands of the same binary beside it.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "tests/support/child_process.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::e2e {

class Instance {
 public:
  // Starts a first server, whose first key is kept.
  explicit Instance(std::map<std::string, std::string> settings = {})
      : settings_(std::move(settings)),
        server_(std::make_unique<support::ServerProcess>(data(), settings_)),
        key_(server_->first_key()) {}

  [[nodiscard]] std::filesystem::path data() const { return folder_.path() / "data"; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] support::ServerProcess& server() { return *server_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

  // Graceful; the exit code.
  int stop() { return server_->stop(); }
  void start() { server_ = std::make_unique<support::ServerProcess>(data(), settings_); }

  [[nodiscard]] support::CommandResult run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {support::tallystick_binary()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    auto environment = support::command_environment(data());
    environment["TALLYSTICK_URL"] = url();
    environment["TALLYSTICK_API_KEY"] = key_;
    return support::run_command(command, environment);
  }

  // Of a command with --json.
  [[nodiscard]] boost::json::value run_json(std::vector<std::string> arguments) const {
    arguments.emplace_back("--json");
    const support::CommandResult result = run(arguments);
    const std::size_t start = result.output.find('{');
    if (start == std::string::npos) {
      throw std::runtime_error("no JSON in: " + result.output);
    }
    return boost::json::parse(result.output.substr(start));
  }

  [[nodiscard]] support::RawAnswer exchange(std::string_view method,
                                            std::string_view target,
                                            const std::string& headers = "",
                                            std::string_view body = "") {
    support::RawConnection connection(server_->port());
    auto answer = connection.exchange(method, target, headers, body);
    if (!answer) {
      throw std::runtime_error("no answer to " + std::string(target));
    }
    return *std::move(answer);
  }

  [[nodiscard]] std::string authorization() const {
    return "Authorization: Bearer " + key_ + "\r\nContent-Type: application/json\r\n";
  }

 private:
  support::TemporaryDirectory folder_;
  std::map<std::string, std::string> settings_;
  std::unique_ptr<support::ServerProcess> server_;
  std::string key_;
};

// Asks again every 100 ms until the answer is yes; false after ten seconds. For what becomes true "within a second".
[[nodiscard]] inline bool eventually(const std::function<bool()>& is_true) {
  for (int i = 0; i < 100; ++i) {
    if (is_true()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

// Every file below `folder` that holds `needle`.
[[nodiscard]] std::vector<std::string> files_with(const std::filesystem::path& folder, std::string_view needle);

}  // namespace tallystick::e2e
