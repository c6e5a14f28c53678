#include "server/stop_signal.h"

#include <cerrno>
#include <csignal>
#include <thread>

#include <pthread.h>
#include <unistd.h>

namespace tallystick::server {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

int wait_for_one() {
  const sigset_t set = stop_signals();
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
  return number;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer that went away shows as an error of write, not as a signal.
  std::signal(SIGPIPE, SIG_IGN);
}

int StopSignal::wait() {
  const int number = wait_for_one();
  std::thread([] { ::_exit(128 + wait_for_one()); }).detach();
  return number;
}

}  // namespace tallystick::server
