// rooms: http base
// URLs and query strings from outside: what parses must be rebuilt into a URL that parses to the same.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/url.h"

namespace {

namespace http = tallystick::http;

std::string rebuild(const http::Url& url) {
  std::string text = std::string(url.scheme()) + "://" + url.host + ":" + std::to_string(url.port) + url.path;
  if (!url.query.empty()) {
    text += "?" + url.query;
  }
  if (!url.fragment.empty()) {
    text += "#" + url.fragment;
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto url = http::parse_url(text)) {
    const std::string rebuilt = rebuild(*url);
    const auto again = http::parse_url(rebuilt);
    if (url->host.find_first_of("@\\/?# ") != std::string::npos) {
      std::abort();
    }
    if (rebuilt.size() <= http::kMaxUrlBytes && (!again || rebuild(*again) != rebuilt)) {
      std::abort();
    }
  }
  http::QueryReader reader(text);
  http::QueryPair pair;
  while (reader.next(pair)) {
    const std::string decoded = http::decode_query_text(pair.value);
    if (const auto strict = http::parse_query_text(pair.value); strict && *strict != decoded) {
      std::abort();
    }
  }
  return 0;
}
