#include "http/url.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/ip.h"
#include "http/ascii.h"

namespace tallystick::http {

namespace {

constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035 section 2.3.4, without the final dot
constexpr std::size_t kMaxLabelBytes = 63;

auto bad_url(std::string message) {
  return base::fail(base::ErrorKind::kInvalid, "bad_url", std::move(message));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

// RFC 3986 section 2 without space and backslash, so that no reader can see a different URL.
bool is_url_char(char c) {
  return c > ' ' && c < 0x7F && std::string_view("\\\"<>^`{|}").find(c) == std::string_view::npos;
}

bool has_good_escapes(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      continue;
    }
    if (i + 2 >= text.size() || base::hex_value(text[i + 1]) < 0 || base::hex_value(text[i + 2]) < 0) {
      return false;
    }
  }
  return true;
}

bool is_dns_name(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) {
    return false;
  }
  std::string_view last_label;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (label.empty() || label.size() > kMaxLabelBytes || label.front() == '-' || label.back() == '-' ||
        !std::all_of(label.begin(), label.end(), is_host_char)) {
      return false;
    }
    last_label = label;
    if (dot == std::string_view::npos) {
      break;
    }
    host.remove_prefix(dot + 1);
  }
  // Browsers read a host whose last label is a number as an IPv4 address ("0x7f.1", "2130706433").
  return !is_digit(last_label.front());
}

bool is_dotted_ipv4(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; }) &&
         base::parse_ip(host).has_value();
}

base::Result<std::string> parse_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::string_view inner = text.ends_with(']') ? text.substr(1, text.size() - 2) : std::string_view{};
    if (inner.find(':') == std::string_view::npos || !base::parse_ip(inner)) {
      return bad_url("the host is no IPv6 address");
    }
  }
  std::string host(text);
  std::transform(host.begin(), host.end(), host.begin(), to_lower_ascii);
  if (!host.starts_with('[') && !is_dns_name(host) && !is_dotted_ipv4(host)) {
    return bad_url("the host is no DNS name and no IP address");
  }
  return host;
}

base::Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535 || text.size() > 5) {
    return bad_url("the port is no number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

base::Result<void> parse_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    return bad_url("a user name in the URL is not allowed");
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  TALLY_ASSIGN(url.host, parse_host(authority.substr(0, colon)));
  url.port = url.is_https ? 443 : 80;
  if (colon != std::string_view::npos) {
    TALLY_ASSIGN(url.port, parse_port(authority.substr(colon + 1)));
  }
  return {};
}

template <typename OnBadEscape>
bool decode_into(std::string_view text, std::string& out, OnBadEscape on_bad_escape) {
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? base::hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? base::hex_value(text[i + 2]) : -1;
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
      if (!on_bad_escape()) {
        return false;
      }
    }
    out.push_back(c == '+' ? ' ' : c);
  }
  return true;
}

}  // namespace

bool QueryReader::next(QueryPair& out) {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('&');
    const std::string_view pair = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = pair.find('=');
    out.name = pair.substr(0, equals);
    out.value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    return true;
  }
  return false;
}

bool find_query_value(std::string_view query, std::string_view name, std::string_view& value) {
  QueryReader reader(query);
  QueryPair pair;
  while (reader.next(pair)) {
    if (pair.name == name) {
      value = pair.value;
      return true;
    }
  }
  return false;
}

std::string decode_query_text(std::string_view text) {
  std::string out;
  decode_into(text, out, [] { return true; });
  return out;
}

base::Result<std::string> parse_query_text(std::string_view text) {
  std::string out;
  if (!decode_into(text, out, [] { return false; })) {
    return base::fail(base::ErrorKind::kInvalid, "bad_percent_encoding", "'%' must be followed by two hex digits");
  }
  return out;
}

base::Result<Url> parse_url(std::string_view text) {
  if (text.empty() || text.size() > kMaxUrlBytes) {
    return bad_url("a URL has 1 to 8192 bytes");
  }
  if (!std::all_of(text.begin(), text.end(), is_url_char) || !has_good_escapes(text)) {
    return bad_url("the URL has a character that must be percent-encoded");
  }
  Url url;
  const std::size_t scheme_end = text.find("://");
  const std::string_view scheme = text.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos ||
      (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))) {
    return bad_url("the URL must begin with http:// or https://");
  }
  url.is_https = scheme.size() == 5;
  std::string_view rest = text.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  TALLY_TRY(parse_authority(rest.substr(0, authority_end), url));
  rest.remove_prefix(authority_end);
  if (const std::size_t hash = rest.find('#'); hash != std::string_view::npos) {
    url.fragment = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
  }
  if (const std::size_t mark = rest.find('?'); mark != std::string_view::npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  url.path = rest.empty() ? std::string_view("/") : rest;
  return url;
}

}  // namespace tallystick::http
