#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include "cli/run.h"

int main(int argc, char** argv) {
  tallystick::server::Environment environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::size_t equals = text.find('=');
    environment.emplace_back(text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1));
  }
  tallystick::cli::Terminal terminal{std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
  return tallystick::cli::run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), environment, terminal);
}
