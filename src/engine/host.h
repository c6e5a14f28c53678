#pragma once
// The engine's own process: the library, the database in a folder, and ClickHouse's HTTP interface on a unix
// socket. It yields to its parent in everything: lower priority, first to go when memory is short, dead when the
// parent dies. Main thread; once per process.

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "engine/database.h"
#include "engine/executor.h"

namespace tallystick::engine {

struct HostOptions {
  DatabaseOptions database;
  ExecutorLimits executor;
  std::string library;         // empty: find_library()
  std::string socket;          // path
  std::string listen_address;  // empty: no TCP
  std::uint16_t listen_port = 0;
  std::size_t max_body_bytes = 512UZ << 20;
  std::int64_t parent = 0;  // process id to die with; 0: none
};

// Serves until SIGTERM or SIGINT, then ends what runs. Log lines go to `log`.
[[nodiscard]] base::Result<void> run_host(const HostOptions& options, base::Log& log);

}  // namespace tallystick::engine
