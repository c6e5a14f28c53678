#pragma once
// A child process that can be waited for with a time limit. It runs in a process group of its own, so that Ctrl-C
// in a terminal reaches only its parent, with a bare environment and default signals. One thread: the one that
// starts it must outlive it, because the kernel's parent-death signal goes by threads.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/error.h"

namespace tallystick::engine {

class Child {
 public:
  Child() = default;
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  // Kills and reaps it.
  ~Child();

  // `variables`: of its environment, "NAME=value". Error code: "spawn_failed".
  [[nodiscard]] static base::Result<Child> start(const std::string& binary,
                                                 std::vector<std::string> arguments,
                                                 std::vector<std::string> variables = {});

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // True: it has ended, within the time. Afterwards how_it_ended() tells. Returns early when `wake` is readable.
  [[nodiscard]] bool wait(std::int64_t timeout_ms, int wake = -1);
  // "exit code 4", "signal 9".
  [[nodiscard]] std::string how_it_ended() const;

 private:
  pid_t pid_ = 0;
  int descriptor_ = -1;  // readable once the process has ended
  int status_ = 0;
};

}  // namespace tallystick::engine
