#include "server/background.h"

#include <chrono>
#include <exception>
#include <utility>

#include <pthread.h>

#include "base/thread.h"

namespace tallystick::server {
namespace {

void report(base::Log& log, const std::string& name, const std::function<base::Result<void>()>& work) {
  try {
    if (const auto done = work(); !done) {
      log.error("background task failed",
                {{"task", name}, {"code", done.error().code}, {"detail", done.error().message}});
    }
  } catch (const std::exception& exception) {
    log.error("background task failed", {{"task", name}, {"code", "exception"}, {"detail", exception.what()}});
  }
}

}  // namespace

void name_this_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

Background::~Background() {
  stop();
}

void Background::every(std::string name, std::int64_t interval_us, std::function<base::Result<void>()> work) {
  threads_.emplace_back(
      [this, name = std::move(name), interval_us, work = std::move(work)](const std::stop_token& token) {
        name_this_thread(name);
        base::ask_for_batch_scheduling();
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        while (!token.stop_requested()) {
          wake.wait_for(lock, token, std::chrono::microseconds(interval_us), [] { return false; });
          if (!token.stop_requested()) {
            report(log_, name, work);
          }
        }
      });
}

void Background::run(std::string name, std::function<base::Result<void>(std::stop_token)> work) {
  threads_.emplace_back([this, name = std::move(name), work = std::move(work)](const std::stop_token& token) {
    name_this_thread(name);
    base::ask_for_batch_scheduling();
    report(log_, name, [&] { return work(token); });
  });
}

void Background::stop() {
  for (std::jthread& thread : threads_) {
    thread.request_stop();
  }
  threads_.clear();
}

}  // namespace tallystick::server
