#pragma once
// Query strings as views, and strict absolute http(s) URLs: destinations of redirects are judged by what
// is parsed here, so whatever browsers might read differently is refused. Thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::http {

struct QueryPair {
  std::string_view name;   // as sent
  std::string_view value;  // as sent; empty without '='
};

// Walks "a=1&b=2" in order; empty pairs ("a=1&&b=2") are skipped. The text must outlive the reader.
class QueryReader {
 public:
  explicit QueryReader(std::string_view query) : rest_(query) {}
  [[nodiscard]] bool next(QueryPair& out);

 private:
  std::string_view rest_;
};

// The value as sent of the first pair of that name (compared as sent), or false.
[[nodiscard]] bool find_query_value(std::string_view query, std::string_view name, std::string_view& value);

// '+' becomes a space; a '%' without two hex digits stays as it is.
[[nodiscard]] std::string decode_query_text(std::string_view text);
// The same strictly. Error code: "bad_percent_encoding".
[[nodiscard]] base::Result<std::string> parse_query_text(std::string_view text);

struct Url {
  bool is_https = false;
  std::string host;        // lower case; IPv6 literals keep their brackets
  std::uint16_t port = 0;  // 80 or 443 when the URL names none
  std::string path;        // "/" at least
  std::string query;       // without '?'
  std::string fragment;    // without '#'

  [[nodiscard]] std::string_view scheme() const { return is_https ? "https" : "http"; }
};

inline constexpr std::size_t kMaxUrlBytes = 8UZ * 1024;

// Refuses userinfo, control characters, white space, backslashes, non-ASCII bytes, malformed percent
// encodings, hosts that are no DNS name or IP literal, and anything longer than kMaxUrlBytes.
// Error code: "bad_url".
[[nodiscard]] base::Result<Url> parse_url(std::string_view text);

}  // namespace tallystick::http
