#pragma once
// Turns the bytes of a connection into requests, without sockets: one parser per connection, used for one
// request after the other. Views point into the ReadBuffer and stay valid until it is touched. Stricter than
// RFC 9112 asks: whatever two parsers might read differently (request smuggling) is refused. One thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/read_buffer.h"

namespace tallystick::http {

struct ParseLimits {
  std::size_t max_header_bytes = 16UZ * 1024;  // the whole head: 431
  std::size_t max_target_bytes = 8UZ * 1024;   // 414
  std::size_t max_headers = 100;               // 431
};

enum class ParseStatus : std::uint8_t { kNeedMore, kDone, kFailed };

struct ParseFailure {
  int status = 400;
  std::string_view code = "bad_request";
  std::string_view detail;
};

// A piece of the buffer, counted from the first byte of the request.
struct Slice {
  std::uint32_t position = 0;
  std::uint32_t size = 0;
};

struct RequestHead {
  Method method = Method::kGet;
  bool is_http11 = true;
  bool is_keep_alive = true;
  bool is_chunked = false;
  bool expects_continue = false;
  std::uint64_t content_length = 0;
  std::size_t size = 0;  // bytes of the head
  Slice target;
  Slice path;
  Slice query;

  [[nodiscard]] bool has_body() const { return is_chunked || content_length > 0; }
};

class RequestParser {
 public:
  explicit RequestParser(const ParseLimits& limits);
  ~RequestParser();
  RequestParser(RequestParser&&) noexcept;

  // First step. Skips empty lines before the request (RFC 9112 section 2.2).
  [[nodiscard]] ParseStatus parse_head(ReadBuffer& buffer);
  // Second step, after kDone. A chunked body is decoded in place.
  [[nodiscard]] ParseStatus parse_body(ReadBuffer& buffer, std::size_t max_body_bytes);
  // Last step: drops the request from the buffer; the parser is ready for the next one.
  void finish(ReadBuffer& buffer);

  [[nodiscard]] bool is_head_done() const { return is_head_done_; }
  [[nodiscard]] const RequestHead& head() const { return head_; }
  [[nodiscard]] const ParseFailure& failure() const { return failure_; }
  // Bytes that the body still needs at least; 0 when unknown.
  [[nodiscard]] std::size_t wanted_bytes(const ReadBuffer& buffer) const;

  // After the head: method, target, path, query and headers.
  void fill(const ReadBuffer& buffer, RequestView& out);
  // After the body.
  [[nodiscard]] std::string_view body(const ReadBuffer& buffer) const {
    return buffer.view().substr(head_.size, body_size_);
  }

 private:
  class HeadParser;
  enum class ChunkState : std::uint8_t { kSize, kData, kDataEnd, kTrailer };

  [[nodiscard]] ParseStatus fail(int status, std::string_view code, std::string_view detail);
  // kDone when the head ends at head_.size; lines are checked as they come.
  [[nodiscard]] ParseStatus find_head_end(std::string_view text);
  [[nodiscard]] ParseStatus parse_fields(std::string_view text);
  struct FieldsSeen {
    std::size_t hosts = 0;
    bool has_length = false;
  };
  [[nodiscard]] ParseStatus check_fields(std::string_view text);
  [[nodiscard]] ParseStatus check_field(std::string_view name, std::string_view value, FieldsSeen& seen);
  [[nodiscard]] ParseStatus split_target(std::string_view text);
  [[nodiscard]] ParseStatus decode_chunks(ReadBuffer& buffer, std::size_t max_body_bytes);
  // The next line of the chunked framing, without its end; `limit` bounds it.
  [[nodiscard]] ParseStatus take_line(const ReadBuffer& buffer, std::size_t limit, std::string_view& line);
  [[nodiscard]] ParseStatus begin_chunk(std::string_view line, std::size_t max_body_bytes);

  struct Field {
    Slice name;
    Slice value;
  };

  ParseLimits limits_;
  std::unique_ptr<HeadParser> head_parser_;
  RequestHead head_;
  ParseFailure failure_;
  std::vector<Field> fields_;
  std::vector<Header> headers_;
  bool is_head_done_ = false;
  std::size_t line_begin_ = 0;    // where the line that is being looked for begins
  std::size_t scanned_ = 0;       // bytes of the head already searched
  std::size_t body_size_ = 0;     // decoded so far
  std::size_t raw_position_ = 0;  // next undecoded byte of a chunked body
  std::size_t trailer_bytes_ = 0;
  std::uint64_t chunk_left_ = 0;
  ChunkState chunk_state_ = ChunkState::kSize;
};

}  // namespace tallystick::http
