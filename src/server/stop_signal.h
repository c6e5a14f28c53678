#pragma once
// SIGTERM and SIGINT as something to wait for. The first asks for a graceful stop, the second ends the process at once.

namespace tallystick::server {

// Blocks the signals in this thread and all it starts: construct before any other thread, one per process.
class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Returns at the first signal: its number. From then on a second one ends the process.
  [[nodiscard]] int wait();
};

}  // namespace tallystick::server
