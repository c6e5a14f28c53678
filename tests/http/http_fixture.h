#pragma once
// A server on a free port with routes that tests steer, and a raw socket to talk to it byte by byte.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "http/server.h"

namespace tallystick::http {

// A blocking TCP connection to 127.0.0.1 with a small receive buffer, so that a server that writes soon meets a
// full window; every wait is bounded, so that a broken server fails a test.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);
  void shut_down_sending();
  // Closes with a reset.
  void reset();
  // One answer with its body ("" when the server closed); `is_head`: no body follows.
  [[nodiscard]] std::string read_answer(bool is_head = false);
  // All that comes until the server closes.
  [[nodiscard]] std::string read_to_end();

 private:
  [[nodiscard]] bool fill();
  int descriptor_ = -1;
  std::string buffer_;
};

// The text of a request; each line of `headers` ends with \r\n.
[[nodiscard]] std::string get(std::string_view target, std::string_view headers = {});

[[nodiscard]] int status_of(std::string_view answer);
[[nodiscard]] std::string body_of(std::string_view answer);
[[nodiscard]] std::string header_of(std::string_view answer, std::string_view name);

class OpenGate final : public Gatekeeper {
 public:
  Admission admit(const Request& request, std::string_view scope) override;
};

// Tags of the inline routes.
enum InlineTag : int { kEchoTag = 1, kHoldTag = 2, kDropTag = 3, kObserveTag = 4, kLargeTag = 5 };

// What inline routes did, told across threads.
class Ledger final : public WriteObserver {
 public:
  void on_written(std::uint64_t tag, bool is_written) override;
  void hold(Reply reply);
  // Waits until so many replies are held.
  void await_held(std::size_t count);
  [[nodiscard]] std::vector<std::pair<std::uint64_t, bool>> await_written(std::size_t count);
  std::deque<Reply> held;  // reactor thread
  std::atomic<std::size_t> turns = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t held_count_ = 0;
  std::vector<std::pair<std::uint64_t, bool>> written_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest();
  ~ServerTest() override;

  void start(const ServerOptions& options = {});
  void stop();
  // Runs on the reactor and waits for it.
  void on_reactor(const std::function<void()>& task);
  // Answers the n-th held reply with "held".
  void release(std::size_t index, WriteObserver* observer = nullptr, std::uint64_t tag = 0);
  // Lets handlers of /block go on.
  void unblock();
  void await_blocked(std::size_t count);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

  OpenGate gate_;
  Router router_;
  Ledger ledger_;
  ReactorContext* context_ = nullptr;
  std::unique_ptr<Server> server_;

 private:
  std::mutex block_mutex_;
  std::condition_variable block_changed_;
  std::size_t blocked_ = 0;
  bool is_unblocked_ = false;
  bool is_stopped_ = false;
};

}  // namespace tallystick::http
