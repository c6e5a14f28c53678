#include "http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "http/ascii.h"

namespace tallystick::http {

namespace beast_http = boost::beast::http;

namespace {

using ErrorCode = boost::beast::error_code;
using BeastView = boost::beast::string_view;

constexpr std::size_t kMaxChunkLineBytes = 256;
constexpr std::size_t kRequestLineExtraBytes = 32;  // method, version, white space

std::string_view to_std(BeastView text) {
  return {text.data(), text.size()};
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

// What RFC 3986 keeps out of a target, and '#', which belongs to the browser.
constexpr std::array<std::uint8_t, 256> kBadInTarget = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < table.size(); ++c) {
    table[c] = c <= 0x20 || c >= 0x7F || c == '#' ? 1 : 0;
  }
  return table;
}();

// Looks at every character: nearly all targets are good, and a loop without a way out is the faster one.
bool has_bad_in_target(std::string_view target) {
  unsigned found = 0;
  for (const char c : target) {
    found |= kBadInTarget[static_cast<unsigned char>(c)];
  }
  return found != 0;
}

Method find_method(std::string_view text) {
  for (const Method method :
       {Method::kGet, Method::kPost, Method::kHead, Method::kOptions, Method::kPut, Method::kPatch, Method::kDelete}) {
    if (text == name_of(method)) {
      return method;
    }
  }
  return Method::kOther;
}

}  // namespace

// Beast reads one complete head per object; what it reports is collected here.
class RequestParser::HeadParser {
 public:
  class Callbacks final : public beast_http::basic_parser<true> {
   public:
    explicit Callbacks(RequestParser& owner, const char* base) : owner_(owner), base_(base) {}

   private:
    void on_request_impl(
        beast_http::verb /*verb*/, BeastView method, BeastView target, int version, ErrorCode& /*ec*/) override {
      owner_.head_.method = find_method(to_std(method));
      owner_.head_.is_http11 = version >= 11;
      owner_.head_.target = slice(target);
    }
    void on_field_impl(beast_http::field /*field*/, BeastView name, BeastView value, ErrorCode& ec) override {
      if (owner_.fields_.size() >= owner_.limits_.max_headers) {
        ec = beast_http::error::header_limit;
        return;
      }
      owner_.fields_.push_back({slice(name), slice(value)});
    }
    void on_response_impl(int /*status*/, BeastView /*reason*/, int /*version*/, ErrorCode& /*ec*/) override {}
    void on_header_impl(ErrorCode& /*ec*/) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const& /*size*/, ErrorCode& /*ec*/) override {}
    std::size_t on_body_impl(BeastView body, ErrorCode& /*ec*/) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t /*size*/, BeastView /*extensions*/, ErrorCode& /*ec*/) override {}
    std::size_t on_chunk_body_impl(std::uint64_t /*left*/, BeastView body, ErrorCode& /*ec*/) override {
      return body.size();
    }
    void on_finish_impl(ErrorCode& /*ec*/) override {}

    // An empty value has no place in the buffer worth keeping.
    [[nodiscard]] Slice slice(BeastView text) const {
      if (text.empty()) {
        return {};
      }
      return {static_cast<std::uint32_t>(text.data() - base_), static_cast<std::uint32_t>(text.size())};
    }

    RequestParser& owner_;
    const char* base_;
  };

  std::optional<Callbacks> beast;
};

RequestParser::RequestParser(const ParseLimits& limits)
    : limits_(limits), head_parser_(std::make_unique<HeadParser>()) {
  limits_.max_target_bytes = std::min(limits_.max_target_bytes, limits_.max_header_bytes);
  fields_.reserve(16);
  headers_.reserve(16);
}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;

ParseStatus RequestParser::fail(int status, std::string_view code, std::string_view detail) {
  failure_ = {status, code, detail};
  return ParseStatus::kFailed;
}

ParseStatus RequestParser::parse_head(ReadBuffer& buffer) {
  if (scanned_ == 0) {
    while (buffer.view().starts_with("\r\n")) {
      buffer.consume(2);
    }
    if (buffer.view() == "\r") {
      return ParseStatus::kNeedMore;
    }
  }
  const ParseStatus status = find_head_end(buffer.view());
  if (status != ParseStatus::kDone) {
    return status;
  }
  const std::string_view text = buffer.view().substr(0, head_.size);
  if (const ParseStatus parsed = parse_fields(text); parsed != ParseStatus::kDone) {
    return parsed;
  }
  is_head_done_ = true;
  body_size_ = 0;
  raw_position_ = head_.size;
  return ParseStatus::kDone;
}

ParseStatus RequestParser::find_head_end(std::string_view text) {
  const std::size_t max_line = limits_.max_target_bytes + kRequestLineExtraBytes;
  const std::size_t searchable = std::min(text.size(), limits_.max_header_bytes);
  while (scanned_ < searchable) {
    const void* found = std::memchr(text.data() + scanned_, '\n', searchable - scanned_);
    if (found == nullptr) {
      scanned_ = searchable;
      break;
    }
    const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (newline == line_begin_ || text[newline - 1] != '\r') {
      return fail(400, "bad_line_ending", "lines of a request end with CR LF");
    }
    scanned_ = newline + 1;
    if (line_begin_ == 0 && scanned_ > max_line) {
      return fail(414, "target_too_long", "the request target is too long");
    }
    if (newline - line_begin_ == 1 && line_begin_ > 0) {
      head_.size = scanned_;
      return ParseStatus::kDone;
    }
    // RFC 9112 section 5.2: a folded line is read differently by different parsers.
    if (line_begin_ > 0 && (text[line_begin_] == ' ' || text[line_begin_] == '\t')) {
      return fail(400, "bad_header", "header lines must not be folded");
    }
    line_begin_ = scanned_;
  }
  if (line_begin_ == 0 && text.size() > max_line) {
    return fail(414, "target_too_long", "the request target is too long");
  }
  if (text.size() >= limits_.max_header_bytes) {
    return fail(431, "headers_too_large", "the request head is too large");
  }
  return ParseStatus::kNeedMore;
}

ParseStatus RequestParser::parse_fields(std::string_view text) {
  fields_.clear();
  const std::size_t head_size = head_.size;
  head_ = {};
  head_.size = head_size;
  auto& beast = head_parser_->beast;
  beast.emplace(*this, text.data());
  beast->skip(true);
  beast->header_limit(static_cast<std::uint32_t>(text.size() + 1));
  ErrorCode error;
  beast->put(boost::asio::const_buffer(text.data(), text.size()), error);
  if (error == beast_http::error::header_limit) {
    return fail(431, "too_many_headers", "the request has too many header lines");
  }
  if (error == beast_http::error::bad_version) {
    return fail(505, "bad_version", "HTTP/1.0 and HTTP/1.1 are understood");
  }
  if (error || !beast->is_done()) {
    return fail(400, "bad_request", "the request head is malformed");
  }
  head_.is_keep_alive = beast->keep_alive();
  if (head_.target.size > limits_.max_target_bytes) {
    return fail(414, "target_too_long", "the request target is too long");
  }
  if (const ParseStatus checked = check_fields(text); checked != ParseStatus::kDone) {
    return checked;
  }
  return split_target(text);
}

ParseStatus RequestParser::check_fields(std::string_view text) {
  FieldsSeen seen;
  for (const Field& field : fields_) {
    const ParseStatus status = check_field(
        text.substr(field.name.position, field.name.size), text.substr(field.value.position, field.value.size), seen);
    if (status != ParseStatus::kDone) {
      return status;
    }
  }
  if (seen.has_length && head_.is_chunked) {
    return fail(400, "bad_transfer_encoding", "Content-Length and Transfer-Encoding exclude each other");
  }
  // RFC 9112 section 3.2.
  if (seen.hosts > 1 || (seen.hosts == 0 && head_.is_http11)) {
    return fail(400, "bad_host", "a request has exactly one Host header");
  }
  return ParseStatus::kDone;
}

ParseStatus RequestParser::check_field(std::string_view name, std::string_view value, FieldsSeen& seen) {
  if (equals_ignoring_case(name, "host")) {
    ++seen.hosts;
  } else if (equals_ignoring_case(name, "expect") && head_.is_http11) {
    if (!equals_ignoring_case(value, "100-continue")) {
      return fail(417, "bad_expectation", "only 100-continue can be expected");
    }
    head_.expects_continue = true;
  } else if (equals_ignoring_case(name, "content-length")) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), head_.content_length);
    if (seen.has_length || error != std::errc{} || end != value.data() + value.size()) {
      return fail(400, "bad_content_length", "Content-Length must be one number");
    }
    seen.has_length = true;
  } else if (equals_ignoring_case(name, "transfer-encoding")) {
    if (head_.is_chunked || !head_.is_http11) {
      return fail(400, "bad_transfer_encoding", "Transfer-Encoding is repeated, or sent with HTTP/1.0");
    }
    if (!equals_ignoring_case(value, "chunked")) {
      return fail(501, "unknown_transfer_encoding", "chunked is the one transfer coding understood");
    }
    head_.is_chunked = true;
  }
  return ParseStatus::kDone;
}

ParseStatus RequestParser::split_target(std::string_view text) {
  std::string_view target = text.substr(head_.target.position, head_.target.size);
  std::uint32_t position = head_.target.position;
  if (has_bad_in_target(target)) {
    return fail(400, "bad_target", "the request target has a character that must be percent-encoded");
  }
  // RFC 9112 section 3.2.2: a server must accept the absolute form.
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (target.size() > scheme.size() && equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      const std::size_t begin = std::min(target.find_first_of("/?", scheme.size()), target.size());
      target.remove_prefix(begin);
      position += static_cast<std::uint32_t>(begin);
      if (!target.starts_with('/')) {
        return fail(400, "bad_target", "the request target has no path");
      }
      break;
    }
  }
  if (!target.starts_with('/') && (target != "*" || head_.method != Method::kOptions)) {
    return fail(400, "bad_target", "the request target must begin with '/'");
  }
  head_.target = {position, static_cast<std::uint32_t>(target.size())};
  const std::size_t mark = std::min(target.find('?'), target.size());
  head_.path = {position, static_cast<std::uint32_t>(mark)};
  if (mark < target.size()) {
    head_.query = {position + static_cast<std::uint32_t>(mark) + 1,
                   static_cast<std::uint32_t>(target.size() - mark - 1)};
  }
  return ParseStatus::kDone;
}

ParseStatus RequestParser::parse_body(ReadBuffer& buffer, std::size_t max_body_bytes) {
  if (head_.is_chunked) {
    return decode_chunks(buffer, max_body_bytes);
  }
  if (head_.content_length > max_body_bytes) {
    return fail(413, "body_too_large", "the request body is too large");
  }
  body_size_ = static_cast<std::size_t>(head_.content_length);
  raw_position_ = head_.size + body_size_;
  return buffer.size() >= raw_position_ ? ParseStatus::kDone : ParseStatus::kNeedMore;
}

ParseStatus RequestParser::take_line(const ReadBuffer& buffer, std::size_t limit, std::string_view& line) {
  const std::string_view rest = buffer.view().substr(raw_position_);
  const std::size_t end = rest.substr(0, limit).find('\n');
  if (end == std::string_view::npos) {
    return rest.size() < limit ? ParseStatus::kNeedMore
                               : fail(400, "bad_chunk", "a line of the chunked body is too long");
  }
  if (end == 0 || rest[end - 1] != '\r' || has_control(rest.substr(0, end - 1))) {
    return fail(400, "bad_chunk", "a line of the chunked body is malformed");
  }
  line = rest.substr(0, end - 1);
  raw_position_ += end + 1;
  return ParseStatus::kDone;
}

ParseStatus RequestParser::begin_chunk(std::string_view line, std::size_t max_body_bytes) {
  // RFC 9112 section 7.1.1: extensions are ignored.
  const std::string_view digits = line.substr(0, line.find_first_of("; \t"));
  const char* const digits_end = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), digits_end, chunk_left_, 16);
  const std::string_view extension = trim_ascii(line.substr(digits.size()));
  if (digits.empty() || error != std::errc{} || end != digits_end || (!extension.empty() && extension.front() != ';')) {
    return fail(400, "bad_chunk", "a chunk size is malformed");
  }
  if (chunk_left_ > max_body_bytes - std::min(body_size_, max_body_bytes)) {
    return fail(413, "body_too_large", "the request body is too large");
  }
  chunk_state_ = chunk_left_ == 0 ? ChunkState::kTrailer : ChunkState::kData;
  trailer_bytes_ = 0;
  return ParseStatus::kDone;
}

ParseStatus RequestParser::decode_chunks(ReadBuffer& buffer, std::size_t max_body_bytes) {
  ParseStatus status = ParseStatus::kDone;
  bool is_complete = false;
  while (status == ParseStatus::kDone && !is_complete) {
    std::string_view line;
    switch (chunk_state_) {
      case ChunkState::kSize:
        status = take_line(buffer, kMaxChunkLineBytes, line);
        if (status == ParseStatus::kDone) {
          status = begin_chunk(line, max_body_bytes);
        }
        break;
      case ChunkState::kData: {
        const std::size_t available = buffer.size() - raw_position_;
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(available, chunk_left_));
        std::memmove(buffer.data() + head_.size + body_size_, buffer.data() + raw_position_, count);
        body_size_ += count;
        raw_position_ += count;
        chunk_left_ -= count;
        if (chunk_left_ > 0) {
          status = ParseStatus::kNeedMore;
        } else {
          chunk_state_ = ChunkState::kDataEnd;
        }
        break;
      }
      case ChunkState::kDataEnd:
        status = take_line(buffer, 2, line);
        chunk_state_ = status == ParseStatus::kDone ? ChunkState::kSize : chunk_state_;
        break;
      case ChunkState::kTrailer:
        status = take_line(buffer, limits_.max_header_bytes, line);
        trailer_bytes_ += line.size();
        is_complete = status == ParseStatus::kDone && line.empty();
        if (trailer_bytes_ > limits_.max_header_bytes) {
          return fail(431, "headers_too_large", "the trailer section is too large");
        }
        break;
    }
  }
  if (status == ParseStatus::kNeedMore) {
    const std::size_t decoded_end = head_.size + body_size_;
    buffer.erase(decoded_end, raw_position_ - decoded_end);
    raw_position_ = decoded_end;
  }
  return status;
}

std::size_t RequestParser::wanted_bytes(const ReadBuffer& buffer) const {
  if (!is_head_done_ || head_.is_chunked) {
    return 0;
  }
  const std::size_t total = head_.size + static_cast<std::size_t>(head_.content_length);
  return total > buffer.size() ? total - buffer.size() : 0;
}

void RequestParser::finish(ReadBuffer& buffer) {
  buffer.consume(raw_position_);
  is_head_done_ = false;
  line_begin_ = 0;
  scanned_ = 0;
  chunk_state_ = ChunkState::kSize;
}

void RequestParser::fill(const ReadBuffer& buffer, RequestView& out) {
  const char* base = buffer.data();
  const auto view = [base](Slice slice) {
    return std::string_view(base + slice.position, slice.size);
  };
  headers_.clear();
  for (const Field& field : fields_) {
    headers_.push_back({view(field.name), view(field.value)});
  }
  out.method = head_.method;
  out.target = view(head_.target);
  out.path = view(head_.path);
  out.query = view(head_.query);
  out.headers = headers_;
  out.body = {};
}

}  // namespace tallystick::http
