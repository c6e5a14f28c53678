// rooms: http base
// Bytes from outside become requests, however they are cut. The first byte decides the cut; cutting must
// not change what is read.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/request_parser.h"

namespace {

namespace http = tallystick::http;

constexpr std::size_t kMaxBody = 512;
constexpr http::ParseLimits kLimits{.max_header_bytes = 1024, .max_target_bytes = 256, .max_headers = 16};

std::string read_all(std::string_view bytes, std::size_t step) {
  http::ReadBuffer buffer;
  http::RequestParser parser(kLimits);
  std::string seen;
  for (std::size_t position = 0; position < bytes.size();) {
    const std::string_view piece = bytes.substr(position, step);
    position += piece.size();
    std::copy(piece.begin(), piece.end(), buffer.prepare(piece.size()).begin());
    buffer.commit(piece.size());
    while (!buffer.empty()) {
      http::ParseStatus status = parser.is_head_done() ? http::ParseStatus::kDone : parser.parse_head(buffer);
      if (status == http::ParseStatus::kDone) {
        status = parser.parse_body(buffer, kMaxBody);
      }
      if (status == http::ParseStatus::kFailed) {
        return seen + "refused";
      }
      if (status == http::ParseStatus::kNeedMore) {
        break;
      }
      http::RequestView view;
      parser.fill(buffer, view);
      view.body = parser.body(buffer);
      if (view.body.size() > kMaxBody || view.headers.size() > kLimits.max_headers) {
        std::abort();
      }
      for (const http::Header& header : view.headers) {
        seen.append(header.name).append(":").append(header.value).append(";");
      }
      seen.append(view.path).append("?").append(view.query).append("|").append(view.body).append("\n");
      parser.finish(buffer);
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = 1 + data[0] % 32;
  if (read_all(bytes, step) != read_all(bytes, bytes.size())) {
    std::abort();
  }
  return 0;
}
