#pragma once
// One connection: reads, parses, asks its reactor to handle each request, and sends the answers in order.
// Never answers while it parses more than the limits allow, and keeps no timers: the reactor sweeps it.
// One thread: the reactor's.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "http/answer_queue.h"
#include "http/read_buffer.h"
#include "http/request_parser.h"
#include "http/router.h"
#include "http/transport.h"

namespace tallystick::http {

class Connection final : public TransportListener {
 public:
  Connection(Reactor& reactor, std::uint64_t handle, const base::IpAddress& peer, bool is_tls);

  void start(std::unique_ptr<Transport> transport);
  void answer(std::uint64_t place, const Answer& answer, WriteObserver* observer, std::uint64_t tag);
  // End of a turn: sends what is ready, in one write.
  void flush();
  // Closes or refuses what took too long.
  void sweep(std::int64_t now_ms);
  // Answers what was accepted, then closes; at once when there is nothing.
  void drain();
  // At once. Observers hear false.
  void close();

  [[nodiscard]] std::uint64_t handle() const { return handle_; }
  [[nodiscard]] bool is_peer_gone() const { return is_read_closed_ || state_ == State::kClosed; }
  // Closed, and nothing is under way that refers to it.
  [[nodiscard]] bool is_removable() const { return state_ == State::kClosed && operations_ == 0; }

  void on_handshake(boost::system::error_code error) override;
  void on_read(boost::system::error_code error, std::size_t bytes) override;
  void on_write(boost::system::error_code error, std::size_t bytes) override;

 private:
  enum class State : std::uint8_t { kHandshake, kOpen, kLingering, kClosed };

  [[nodiscard]] bool is_paused() const;
  [[nodiscard]] bool is_idle() const;
  // All complete requests in the buffer, then the next read.
  void process();
  // False: needs more bytes, or is done with this connection.
  [[nodiscard]] bool process_one();
  void prepare_view();
  void await_body();
  void handle_request();
  void refuse(int status, std::string_view code, std::string_view detail);
  void start_read();
  void send_in_flight();
  void release_in_flight();
  void after_flush();
  void linger();

  Reactor& reactor_;
  const std::uint64_t handle_;
  const base::IpAddress peer_;
  const bool is_tls_;
  std::unique_ptr<Transport> transport_;
  State state_ = State::kHandshake;
  unsigned operations_ = 0;  // asynchronous operations under way
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool is_dirty_ = false;
  bool is_read_closed_ = false;  // the peer sends no more
  bool stops_parsing_ = false;   // the last request was read
  bool is_draining_ = false;
  bool is_view_fresh_ = false;  // view_ and match_ fit the buffer
  bool has_continued_ = false;  // 100 Continue was sent
  ReadBuffer buffer_;
  RequestParser parser_;
  RequestView view_;
  Match match_;
  AnswerQueue answers_;
  std::string in_flight_;
  std::size_t in_flight_sent_ = 0;
  std::int64_t head_since_ms_ = 0;   // 0: no head is being read
  std::int64_t body_since_ms_ = 0;   // 0: no body is being read
  std::int64_t write_since_ms_ = 0;  // last progress
  std::int64_t idle_since_ms_ = 0;   // also the begin of the handshake and of lingering
};

}  // namespace tallystick::http
