#pragma once
// Named threads that do one thing again and again: catalog refresh, retention, reloads. A task that fails is logged
// and tried again at its next turn. Thread-safe.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/log.h"

namespace tallystick::server {

class Background {
 public:
  explicit Background(base::Log& log) : log_(log) {}
  // stop().
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Runs `work` every `interval_us`, the first time after one interval, on a thread of its own.
  void every(std::string name, std::int64_t interval_us, std::function<base::Result<void>()> work);
  // Runs `work` once on a thread of its own; it must return soon after the token asks for it.
  void run(std::string name, std::function<base::Result<void>(std::stop_token)> work);
  // Ends all threads and waits for them.
  void stop();

 private:
  base::Log& log_;
  std::vector<std::jthread> threads_;
};

// So that debuggers and `top -H` show it. At most 15 bytes are kept.
void name_this_thread(const std::string& name);

}  // namespace tallystick::server
