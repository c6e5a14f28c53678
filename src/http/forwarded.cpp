#include "http/forwarded.h"

#include <algorithm>
#include <string_view>

#include "http/ascii.h"

namespace tallystick::http {

namespace {

// "203.0.113.7", "203.0.113.7:1234", "2001:db8::1", "[2001:db8::1]:1234".
base::Result<base::IpAddress> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return base::parse_ip(text.substr(1, end == std::string_view::npos ? end : end - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  return base::parse_ip(text);
}

// Cuts the last element off a comma-separated list.
std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return trim_ascii(last);
}

}  // namespace

ClientOrigin find_client(const base::IpAddress& peer,
                         bool is_tls,
                         std::span<const Header> headers,
                         std::span<const base::IpNetwork> trusted_proxies) {
  ClientOrigin origin{peer, is_tls};
  const auto is_trusted = [&](const base::IpAddress& address) {
    return std::any_of(trusted_proxies.begin(), trusted_proxies.end(), [&](const base::IpNetwork& network) {
      return network.contains(address);
    });
  };
  if (!is_trusted(peer)) {
    return origin;
  }
  bool is_walking = true;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (equals_ignoring_case(header->name, "X-Forwarded-Proto")) {
      std::string_view list = header->value;
      origin.is_tls = equals_ignoring_case(take_last(list), "https");
      continue;
    }
    if (!is_walking || !equals_ignoring_case(header->name, "X-Forwarded-For")) {
      continue;
    }
    for (std::string_view list = header->value; is_walking && !list.empty();) {
      const auto hop = parse_hop(take_last(list));
      is_walking = hop.has_value();
      if (hop) {
        origin.client = *hop;
        is_walking = is_trusted(*hop);
      }
    }
  }
  return origin;
}

}  // namespace tallystick::http
