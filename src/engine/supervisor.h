#pragma once
// Keeps the engine's process alive: starts our own binary as `engine`, waits for its /ping, starts it again when it
// dies or no longer answers, later each time, and stops it. The child never outlives this object or its process.
// Thread-safe.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <sys/types.h>

#include "base/log.h"

namespace tallystick::engine {

struct SupervisorOptions {
  std::filesystem::path binary;  // ours
  std::filesystem::path directory;
  std::string library = {};  // empty: find_library()
  std::int64_t memory_bytes = 2LL << 30;
  std::int64_t threads = 1;
  std::int64_t concurrent_queries = 4;
  std::int64_t max_body_bytes = 512LL << 20;
  bool is_json_log = false;
  std::string log_file = {};          // empty: standard error
  std::int64_t first_delay_ms = 100;  // before a new start; doubled each time
  std::int64_t max_delay_ms = 10'000;
};

struct SupervisorStatus {
  bool is_up = false;          // the process answers
  std::uint64_t restarts = 0;  // starts after the first
  pid_t pid = 0;               // 0: no process
  std::string detail = {};     // why it is down, for the operator
};

class Supervisor {
 public:
  // Starts in the background. `log` must outlive this.
  Supervisor(const SupervisorOptions& options, base::Log& log);
  // stop().
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  [[nodiscard]] SupervisorStatus status() const;
  // Absolute path of the unix socket that speaks ClickHouse's HTTP interface while the engine is up.
  [[nodiscard]] const std::string& socket() const;
  // Where its tables lie.
  [[nodiscard]] const std::filesystem::path& directory() const;
  // Lets running queries end for some seconds.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::engine
