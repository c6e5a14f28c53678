#include "http/connection.h"

#include <algorithm>

#include <boost/asio/error.hpp>

#include "http/forwarded.h"
#include "http/problem.h"
#include "http/reactor.h"
#include "http/status.h"

namespace tallystick::http {

namespace {

constexpr std::size_t kMinReadBytes = 1024;
constexpr std::size_t kMaxReadBytes = 256UZ * 1024;
constexpr std::size_t kMaxUnsentBytes = 256UZ * 1024;  // more than that pauses reading
constexpr std::size_t kKeptOutputBytes = 16UZ * 1024;  // what an idle connection may hold on to
constexpr std::size_t kLargeBodyBytes = 1UZ << 20;     // gets its room at once; pages are taken as they fill
constexpr std::int64_t kLingerMs = 2'000;

}  // namespace

Connection::Connection(Reactor& reactor, std::uint64_t handle, const base::IpAddress& peer, bool is_tls)
    : reactor_(reactor),
      handle_(handle),
      peer_(peer),
      is_tls_(is_tls),
      parser_({.max_header_bytes = reactor.options().max_header_bytes}),
      idle_since_ms_(reactor.now_ms()) {}

void Connection::start(std::unique_ptr<Transport> transport) {
  transport_ = std::move(transport);
  if (!transport_->start_handshake()) {
    ++operations_;
    return;
  }
  state_ = State::kOpen;
  start_read();
}

void Connection::on_handshake(boost::system::error_code error) {
  --operations_;
  if (state_ == State::kClosed) {
    return;
  }
  if (error) {
    close();
    return;
  }
  state_ = State::kOpen;
  idle_since_ms_ = reactor_.now_ms();
  if (is_draining_) {
    close();
    return;
  }
  start_read();
}

bool Connection::is_paused() const {
  return answers_.open_places() >= reactor_.options().max_pipelined || answers_.output_bytes() >= kMaxUnsentBytes;
}

bool Connection::is_idle() const {
  return answers_.open_places() == 0 && !answers_.has_output() && !is_writing_;
}

void Connection::start_read() {
  if (state_ == State::kClosed || is_reading_ || is_read_closed_) {
    return;
  }
  if (state_ == State::kOpen && (stops_parsing_ || is_paused())) {
    return;
  }
  is_reading_ = true;
  ++operations_;
  transport_->start_read(buffer_.prepare(std::clamp(parser_.wanted_bytes(buffer_), kMinReadBytes, kMaxReadBytes)));
}

void Connection::on_read(boost::system::error_code error, std::size_t bytes) {
  --operations_;
  is_reading_ = false;
  if (state_ == State::kClosed) {
    return;
  }
  if (state_ == State::kLingering) {
    if (error) {
      close();
    } else {
      start_read();  // what still comes is dropped, so that the answer is not lost to a reset
    }
    return;
  }
  if (error) {
    is_read_closed_ = true;
    const bool is_orderly = error == boost::asio::error::eof;
    if (!is_orderly || is_idle()) {
      close();
    }
    return;
  }
  buffer_.commit(bytes);
  process();
}

void Connection::process() {
  is_view_fresh_ = false;
  while (state_ == State::kOpen && !stops_parsing_ && !is_paused() && !buffer_.empty()) {
    if (!process_one()) {
      break;
    }
  }
  is_view_fresh_ = false;
  start_read();
}

bool Connection::process_one() {
  if (!parser_.is_head_done()) {
    const ParseStatus status = parser_.parse_head(buffer_);
    if (status == ParseStatus::kNeedMore) {
      head_since_ms_ = head_since_ms_ == 0 && !buffer_.empty() ? reactor_.now_ms() : head_since_ms_;
      return false;
    }
    if (status == ParseStatus::kFailed) {
      refuse(parser_.failure().status, parser_.failure().code, parser_.failure().detail);
      return false;
    }
    head_since_ms_ = 0;
    has_continued_ = false;
    prepare_view();
  } else if (!is_view_fresh_) {
    prepare_view();
  }
  const std::size_t limit = match_.route != nullptr ? match_.route->max_body_bytes : kDefaultBodyBytes;
  const ParseStatus status = parser_.parse_body(buffer_, limit);
  if (status == ParseStatus::kFailed) {
    refuse(parser_.failure().status, parser_.failure().code, parser_.failure().detail);
    return false;
  }
  if (status == ParseStatus::kNeedMore) {
    await_body();
    return false;
  }
  body_since_ms_ = 0;
  handle_request();
  parser_.finish(buffer_);
  return true;
}

void Connection::prepare_view() {
  parser_.fill(buffer_, view_);
  view_.client = peer_;
  view_.is_tls = is_tls_;
  if (const auto& trusted = reactor_.options().trusted_proxies; !trusted.empty()) {
    const ClientOrigin origin = find_client(peer_, is_tls_, view_.headers, trusted);
    view_.client = origin.client;
    view_.is_tls = origin.is_tls;
  }
  reactor_.router().match(view_.method, view_.path, match_);
  is_view_fresh_ = true;
}

void Connection::await_body() {
  if (body_since_ms_ == 0) {
    body_since_ms_ = reactor_.now_ms();
    if (const std::size_t missing = parser_.wanted_bytes(buffer_); missing >= kLargeBodyBytes) {
      buffer_.reserve(buffer_.size() + missing);
    }
  }
  if (parser_.head().expects_continue && !has_continued_) {
    has_continued_ = true;
    answers_.add_raw("HTTP/1.1 100 Continue\r\n\r\n");
    reactor_.mark_dirty(*this, is_dirty_);
  }
}

void Connection::handle_request() {
  const RequestHead& head = parser_.head();
  view_.body = parser_.body(buffer_);
  stops_parsing_ = !head.is_keep_alive || is_draining_;
  const std::uint64_t place =
      answers_.open({.is_head = head.method == Method::kHead,
                     .is_last = stops_parsing_,
                     .is_http10 = !head.is_http11,
                     .is_cross_origin = match_.route != nullptr && match_.route->is_cross_origin});
  reactor_.handle(handle_, place, view_, match_);
}

void Connection::refuse(int status, std::string_view code, std::string_view detail) {
  stops_parsing_ = true;
  head_since_ms_ = 0;
  body_since_ms_ = 0;
  const std::uint64_t place = answers_.open({.is_last = true});
  const std::string body = make_problem_body(status, reason_phrase(status), code, detail, {});
  reactor_.count_request();
  reactor_.answer_with(handle_, place, {status, {}, kProblemContentType, body});
}

void Connection::answer(std::uint64_t place, const Answer& answer, WriteObserver* observer, std::uint64_t tag) {
  if (state_ == State::kClosed || !answers_.answer(place, answer, observer, tag)) {
    if (observer != nullptr) {
      observer->on_written(tag, false);
    }
    return;
  }
  if (answers_.has_output()) {
    reactor_.mark_dirty(*this, is_dirty_);
  }
}

void Connection::flush() {
  is_dirty_ = false;
  if (state_ != State::kOpen) {
    return;
  }
  while (!is_writing_ && answers_.has_output()) {
    answers_.take(in_flight_);
    in_flight_sent_ = 0;
    send_in_flight();
  }
  if (!is_writing_) {
    after_flush();
  }
}

void Connection::send_in_flight() {
  const std::size_t sent = transport_->write(std::string_view(in_flight_).substr(in_flight_sent_));
  in_flight_sent_ += sent;
  if (in_flight_sent_ < in_flight_.size()) {
    is_writing_ = true;
    ++operations_;
    write_since_ms_ = reactor_.now_ms();
  } else {
    release_in_flight();
  }
  if (sent > 0 && answers_.on_sent(sent)) {
    reactor_.want_turn();
  }
}

void Connection::release_in_flight() {
  in_flight_.clear();
  if (in_flight_.capacity() > kKeptOutputBytes) {
    in_flight_ = std::string();
  }
}

void Connection::on_write(boost::system::error_code error, std::size_t bytes) {
  --operations_;
  is_writing_ = false;
  if (state_ == State::kClosed) {
    return;
  }
  if (error) {
    close();
    return;
  }
  in_flight_sent_ += bytes;
  answers_.on_sent(bytes);
  if (in_flight_sent_ < in_flight_.size()) {
    send_in_flight();
  } else {
    release_in_flight();
  }
  reactor_.mark_dirty(*this, is_dirty_);
}

void Connection::after_flush() {
  idle_since_ms_ = reactor_.now_ms();
  if (answers_.is_finished()) {
    linger();
    return;
  }
  if (answers_.open_places() == 0 && is_read_closed_) {
    close();
    return;
  }
  if (answers_.open_places() == 0 && is_draining_ && !parser_.is_head_done() && buffer_.empty()) {
    linger();
    return;
  }
  // Reading was paused until answers had gone out.
  if (!is_reading_ && !stops_parsing_ && !is_read_closed_) {
    process();
    reactor_.want_turn();
  }
}

void Connection::linger() {
  if (is_read_closed_) {
    close();
    return;
  }
  state_ = State::kLingering;
  idle_since_ms_ = reactor_.now_ms();
  if (transport_->shut_down(is_reading_)) {
    is_reading_ = true;
    ++operations_;
    return;
  }
  start_read();
}

void Connection::drain() {
  is_draining_ = true;
  if (state_ != State::kOpen) {
    return;
  }
  if (parser_.is_head_done() || !buffer_.empty()) {
    return;  // a request is on its way in: it becomes the last one
  }
  if (is_idle()) {
    close();
    return;
  }
  if (answers_.open_places() > 0) {
    stops_parsing_ = true;
    answers_.close_after_last();
  }
}

void Connection::sweep(std::int64_t now_ms) {
  const ServerOptions& options = reactor_.options();
  switch (state_) {
    case State::kClosed:
      return;
    case State::kHandshake:
      if (now_ms - idle_since_ms_ > options.header_timeout_ms) {
        close();
      }
      return;
    case State::kLingering:
      if (now_ms - idle_since_ms_ > kLingerMs) {
        close();
      }
      return;
    case State::kOpen:
      break;
  }
  if (is_writing_) {
    if (now_ms - write_since_ms_ > options.write_timeout_ms) {
      close();
    }
  } else if (head_since_ms_ != 0) {
    if (now_ms - head_since_ms_ > options.header_timeout_ms) {
      refuse(408, "request_timeout", "the request head took too long");
    }
  } else if (body_since_ms_ != 0) {
    if (now_ms - body_since_ms_ > options.body_timeout_ms) {
      refuse(408, "request_timeout", "the request body took too long");
    }
  } else if (is_idle() && now_ms - idle_since_ms_ > options.idle_timeout_ms) {
    close();
  }
}

void Connection::close() {
  if (state_ == State::kClosed) {
    return;
  }
  state_ = State::kClosed;
  transport_->close();
  answers_.abandon();
  reactor_.on_closed(*this);
}

}  // namespace tallystick::http
