#include "engine/child.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::engine {

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    out.push_back(text.data());
  }
  out.push_back(nullptr);
  return out;
}

// The server's environment may hold secrets that the child has no use for.
std::vector<std::string> bare_environment(std::vector<std::string> out) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    for (const std::string_view kept : {"PATH=", "LANG=", "TMPDIR=", "LD_LIBRARY_PATH="}) {
      if (text.starts_with(kept)) {
        out.emplace_back(text);
      }
    }
  }
  return out;
}

// What posix_spawn needs to be told; freed with it.
struct SpawnPlan {
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

}  // namespace

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      status_(std::exchange(other.status_, 0)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(status_, other.status_);
  return *this;
}

Child::~Child() {
  if (pid_ > 0) {
    signal(SIGKILL);
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

base::Result<Child> Child::start(const std::string& binary,
                                 std::vector<std::string> arguments,
                                 std::vector<std::string> variables) {
  arguments.insert(arguments.begin(), "tallystick");
  std::vector<std::string> environment = bare_environment(std::move(variables));
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  const SpawnPlan plan;
  Child child;
  const int error =
      ::posix_spawn(&child.pid_, binary.c_str(), &plan.actions, &plan.attributes, argv.data(), envp.data());
  if (error != 0) {
    child.pid_ = 0;
    return base::fail(base::ErrorKind::kUnavailable,
                      "spawn_failed",
                      "cannot start " + binary + ": " + std::generic_category().message(error));
  }
  child.descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0));
  if (child.descriptor_ < 0) {
    return base::fail(base::ErrorKind::kUnavailable,
                      "spawn_failed",
                      "cannot watch the child: " + std::generic_category().message(errno));
  }
  return child;
}

void Child::signal(int number) const {
  if (pid_ > 0) {
    ::kill(pid_, number);
  }
}

bool Child::wait(std::int64_t timeout_ms, int wake) {
  if (pid_ == 0) {
    return true;
  }
  std::array<pollfd, 2> watched{{{descriptor_, POLLIN, 0}, {wake, POLLIN, 0}}};  // -1 is passed over
  ::poll(watched.data(), watched.size(), static_cast<int>(std::clamp<std::int64_t>(timeout_ms, 0, 60'000)));
  if (::waitpid(pid_, &status_, WNOHANG) != pid_) {
    return false;
  }
  pid_ = 0;
  return true;
}

std::string Child::how_it_ended() const {
  return WIFSIGNALED(status_) ? "signal " + std::to_string(WTERMSIG(status_))
                              : "exit code " + std::to_string(WEXITSTATUS(status_));
}

}  // namespace tallystick::engine
