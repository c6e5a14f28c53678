#include "bench/warehouse/processes.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace tallystick::bench {
namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::filesystem::path folder_of(pid_t pid) {
  return std::filesystem::path("/proc") / std::to_string(pid);
}

std::uint64_t status_bytes(pid_t pid, std::string_view name) {
  std::ifstream status(folder_of(pid) / "status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(name)) {
      return std::stoull(line.substr(name.size())) * 1024;
    }
  }
  return 0;
}

}  // namespace

std::optional<pid_t> find_child(pid_t parent, std::string_view word) {
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator(folder_of(parent) / "task", ignored)) {
    std::istringstream children(read_all(task.path() / "children"));
    pid_t child = 0;
    while (children >> child) {
      if (read_all(folder_of(child) / "cmdline").find(word) != std::string::npos) {
        return child;
      }
    }
  }
  return std::nullopt;
}

std::uint64_t peak_memory_bytes(pid_t pid) {
  return status_bytes(pid, "VmHWM:");
}

std::uint64_t own_memory_bytes(pid_t pid) {
  return status_bytes(pid, "RssAnon:");
}

}  // namespace tallystick::bench
