#include "tests/support/server_process.h"

#include <csignal>
#include <regex>
#include <stdexcept>

namespace tallystick::support {

std::string tallystick_binary() {
  return TALLYSTICK_BINARY;
}

std::map<std::string, std::string> command_environment(const std::filesystem::path& data_directory) {
  return {{"TALLYSTICK_DATA_DIRECTORY", data_directory.string()},
          {"TALLYSTICK_HTTP_ADDRESS", "127.0.0.1"},
          {"TALLYSTICK_HTTP_PORT", "0"},
          {"TALLYSTICK_ENGINE_ENABLED", "false"},
          // Tests ask as fast as they can.
          {"TALLYSTICK_ACCESS_REQUESTS_PER_MINUTE", "0"},
          {"TALLYSTICK_ACCESS_PUBLIC_REQUESTS_PER_MINUTE", "0"},
          {"NO_COLOR", "1"}};
}

ServerProcess::ServerProcess(const std::filesystem::path& data_directory,
                             const std::map<std::string, std::string>& settings) {
  auto environment = command_environment(data_directory);
  for (const auto& [name, value] : settings) {
    environment["TALLYSTICK_" + name] = value;
  }
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{tallystick_binary(), "serve"}, environment);
  if (!process_->wait_for_output("http://127.0.0.1:")) {
    throw std::runtime_error("the server did not start; its output:\n" + process_->output());
  }
  // The address may be cut in the pipe: the line's end says that it is whole.
  static const std::regex kAddress(R"(http://127\.0\.0\.1:(\d+)[^\d])");
  static const std::regex kKey(R"(tsk_[A-Za-z0-9]{20,})");
  std::string output;
  std::smatch match;
  do {
    output = process_->output();
  } while (!std::regex_search(output, match, kAddress) && process_->is_running());
  if (match.empty()) {
    throw std::runtime_error("the server printed no address; its output:\n" + output);
  }
  port_ = static_cast<std::uint16_t>(std::stoi(match[1]));
  if (std::regex_search(output, match, kKey)) {
    first_key_ = match[0];
  }
}

void ServerProcess::kill() {
  process_->signal(SIGKILL);
  process_->wait();
}

int ServerProcess::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

}  // namespace tallystick::support
