#pragma once
// A progress bar on a terminal, and nothing anywhere else. Thread-safe.

#include <cstdint>
#include <iosfwd>
#include <mutex>
#include <string>
#include <string_view>

#include "base/time.h"
#include "cli/context.h"

namespace tallystick::cli {

class Progress {
 public:
  Progress(Terminal& terminal, const base::Clock& clock, std::string label);
  // Clears the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Redraws ten times a second at most. `note` is shown behind the bar.
  void update(std::uint64_t done, std::uint64_t all, std::string_view note = {});

 private:
  Terminal& terminal_;
  const base::Clock& clock_;
  std::string label_;
  std::mutex mutex_;
  std::int64_t drawn_at_us_ = 0;
  bool has_drawn_ = false;
};

}  // namespace tallystick::cli
