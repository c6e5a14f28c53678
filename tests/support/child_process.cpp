#include "tests/support/child_process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tallystick::support {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(2);

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!added.contains(text.substr(0, text.find('=')))) {
      merged.push_back(text);
    }
  }
  for (const auto& [name, value] : added) {
    merged.push_back(name + "=" + value);
  }
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

int decode_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command,
                           const std::map<std::string, std::string>& environment) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = merged_environment(environment);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(variables);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  }
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that dies takes its servers along
    if (::getppid() != parent) {
      ::_exit(126);
    }
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
  collector_ = std::thread([this] { collect(); });
}

ChildProcess::~ChildProcess() {
  if (is_running()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (collector_.joinable()) {
    collector_.join();
  }
  ::close(pipe_);
}

void ChildProcess::collect() {
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(pipe_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (got <= 0) {
      has_ended_ = true;
      return;
    }
    output_.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string ChildProcess::output() const {
  const std::lock_guard lock(mutex_);
  return output_;
}

std::string ChildProcess::all_output() {
  if (collector_.joinable()) {
    collector_.join();
  }
  return output();
}

bool ChildProcess::wait_for_output(std::string_view text, std::chrono::seconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (output_.find(text) != std::string::npos) {
        return true;
      }
      if (has_ended_) {
        return false;
      }
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(kPollInterval);
  }
}

void ChildProcess::signal(int number) const {
  ::kill(pid_, number);
}

bool ChildProcess::is_running() {
  if (exit_code_) {
    return false;
  }
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) {
    exit_code_ = decode_status(status);
    return false;
  }
  return true;
}

int ChildProcess::wait(std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (is_running()) {
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      exit_code_ = 128 + SIGKILL;
      throw std::runtime_error("the process did not end in time; its output:\n" + output());
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return *exit_code_;
}

CommandResult run_command(const std::vector<std::string>& command,
                          const std::map<std::string, std::string>& environment,
                          std::chrono::seconds limit) {
  ChildProcess process(command, environment);
  const int exit_code = process.wait(limit);
  return {exit_code, process.all_output()};
}

}  // namespace tallystick::support
