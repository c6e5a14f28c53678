#pragma once
// What a channel's URL points to in tests: a server on a free port that keeps what is posted to it and answers as it is
// told. Thread-safe.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "http/router.h"
#include "http/server.h"

namespace tallystick::alerts {

class HookReceiver {
 public:
  HookReceiver() {
    router_.add({.method = http::Method::kPost,
                 .pattern = "/hooks/{rest...}",
                 .scope = "public",
                 .summary = "",
                 .handler = [this](const http::Request& request) {
                   return take(request);
                 }});
    http::ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    options.workers = 2;
    auto started = http::Server::start(options, router_, gate_, {});
    if (!started) {
      throw std::runtime_error(started.error().message);
    }
    server_ = *std::move(started);
  }

  // The token in it must never be seen anywhere.
  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}/hooks/T0KEN", server_->port()); }
  void answer_next(int status, std::string location = {}) {
    const std::lock_guard lock(mutex_);
    answers_.emplace_back(status, std::move(location));
  }
  [[nodiscard]] std::vector<http::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  // Waits until so many have come; false when they do not.
  [[nodiscard]] bool await(std::size_t count) {
    constexpr std::chrono::seconds kPatience(30);
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return requests_.size() >= count; });
  }

 private:
  class OpenDoor final : public http::Gatekeeper {
   public:
    http::Admission admit(const http::Request&, std::string_view) override { return {http::Principal{}, {}}; }
  };

  http::Response take(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
    http::Response response = http::json_response(200, "ok");
    if (!answers_.empty()) {
      response.status = answers_.front().first;
      if (!answers_.front().second.empty()) {
        response.headers.emplace_back("Location", answers_.front().second);
      }
      answers_.pop_front();
    }
    return response;
  }

  http::Router router_;
  OpenDoor gate_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<http::Request> requests_;
  std::deque<std::pair<int, std::string>> answers_;
  std::unique_ptr<http::Server> server_;  // last: stops before what it uses goes
};

}  // namespace tallystick::alerts
