#include "tests/support/warehouse_engine.h"

#include <csignal>
#include <map>
#include <regex>
#include <stdexcept>

#include "tests/support/server_process.h"

namespace tallystick::support {

WarehouseEngine::WarehouseEngine(const std::filesystem::path& folder, const std::vector<std::string>& more_arguments)
    : socket_((folder / "socket").string()) {
  std::vector<std::string> command = {tallystick_binary(),
                                      "engine",
                                      "--data",
                                      (folder / "data").string(),
                                      "--socket",
                                      socket_,
                                      "--listen",
                                      "127.0.0.1:0"};
  command.insert(command.end(), more_arguments.begin(), more_arguments.end());
  process_ = std::make_unique<ChildProcess>(command);
  // Said last, after the line with the port.
  if (!process_->wait_for_output("engine serves")) {
    throw std::runtime_error("the engine did not start; its output:\n" + process_->output());
  }
  static const std::regex kPort(R"(engine listens.*port=(\d+))");
  const std::string output = process_->output();
  std::smatch match;
  if (!std::regex_search(output, match, kPort)) {
    throw std::runtime_error("the engine printed no port; its output:\n" + output);
  }
  url_ = "http://127.0.0.1:" + match[1].str();
}

void WarehouseEngine::kill() {
  process_->signal(SIGKILL);
  process_->wait();
}

}  // namespace tallystick::support
