#pragma once
// A single-threaded HTTP/1.1 load generator for loopback: keep-alive connections, one request in flight on each,
// either as fast as answers come (closed loop) or at a fixed rate (open loop, latency counted from the moment a
// request was due, so that a stalled server cannot hide its stall).

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tallystick::bench {

struct LoadOptions {
  std::uint16_t port = 0;
  unsigned connections = 64;
  double seconds = 10;
  double rate_per_second = 0;  // 0: closed loop
};

struct LoadReport {
  std::uint64_t requests = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t status_counts[6] = {};  // [2] = 2xx
  std::uint64_t connection_errors = 0;
  double seconds = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
};

// Returns the next whole request; the view stays valid until the next call for the same connection.
using NextRequest = std::function<std::string_view(unsigned connection)>;

[[nodiscard]] LoadReport run_load(const LoadOptions& options, const NextRequest& next);

// User plus system CPU seconds that a process and all its threads have used so far.
[[nodiscard]] double cpu_seconds(int pid);

}  // namespace tallystick::bench
