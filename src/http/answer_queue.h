#pragma once
// The answers of one connection, in the order of its requests. A request opens a place; answers may come in
// any order; what is ready from the front on is laid out as bytes to send. Invariant: bytes leave in the order
// the places were opened, and every observer hears exactly once. One thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"

namespace tallystick::http {

struct Answer {
  int status = 200;
  std::string_view headers = {};       // complete lines
  std::string_view content_type = {};  // empty: none
  std::string_view body = {};
  std::string_view date = {};  // complete line
};

struct PlaceOptions {
  bool is_head = false;          // the body is left out
  bool is_last = false;          // "Connection: close"
  bool is_http10 = false;        // keep-alive must be said
  bool is_cross_origin = false;  // Access-Control-Allow-Origin: *
};

class AnswerQueue {
 public:
  [[nodiscard]] std::uint64_t open(const PlaceOptions& options);
  // A place that no answer is waited for: "100 Continue".
  void add_raw(std::string_view bytes);
  // False: the place is answered already; the observer is not used.
  bool answer(std::uint64_t place, const Answer& answer, WriteObserver* observer, std::uint64_t tag);
  // No more places: the last open one says "Connection: close". Without an open place nothing is said.
  void close_after_last();

  [[nodiscard]] std::size_t open_places() const { return static_cast<std::size_t>(next_ - front_); }
  // The answer that says "Connection: close" was laid out; nothing follows it.
  [[nodiscard]] bool is_finished() const { return is_finished_; }

  // Bytes ready to be sent. take() swaps them out against `in_flight`, which must be empty.
  [[nodiscard]] bool has_output() const { return !output_.empty(); }
  [[nodiscard]] std::size_t output_bytes() const { return output_.size(); }
  void take(std::string& in_flight) { output_.swap(in_flight); }
  // So many more bytes were handed to the kernel: observers of the answers that are out hear true.
  // True: at least one did.
  bool on_sent(std::size_t bytes);
  // The connection died: all other observers hear false, in order.
  void abandon();

 private:
  struct Place {
    PlaceOptions options;
    bool is_ready = false;
    std::string bytes;  // when ready before its turn
    WriteObserver* observer = nullptr;
    std::uint64_t tag = 0;
  };
  struct Notice {
    WriteObserver* observer = nullptr;
    std::uint64_t tag = 0;
    std::uint64_t end = 0;  // position in the stream after the answer's last byte
  };

  [[nodiscard]] Place& place_at(std::uint64_t place) { return ring_[place & (ring_.size() - 1)]; }
  void grow();
  void release_front();
  void add_notice(WriteObserver* observer, std::uint64_t tag);

  std::vector<Place> ring_;
  std::uint64_t front_ = 0;
  std::uint64_t next_ = 0;
  std::string output_;
  std::uint64_t laid_out_ = 0;
  std::uint64_t sent_ = 0;
  std::vector<Notice> notices_;
  std::size_t first_notice_ = 0;
  bool is_finished_ = false;
};

// Appends the whole answer.
void serialise(const Answer& answer, const PlaceOptions& options, std::string& out);

}  // namespace tallystick::http
