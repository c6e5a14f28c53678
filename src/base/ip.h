#pragma once
// IP addresses as 16 bytes (IPv4 mapped into ::ffff:0:0/96), prefixes, and the truncation that
// privacy asks for.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::base {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;
  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] bool is_unspecified() const { return *this == IpAddress{}; }
};

// "203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7". Error code: "bad_ip".
[[nodiscard]] Result<IpAddress> parse_ip(std::string_view text);
[[nodiscard]] std::string format_ip(const IpAddress& address);

// IPv4 to /24, IPv6 to /48: all that is ever stored of an address.
[[nodiscard]] IpAddress truncate_ip(const IpAddress& address);

// A network: the first `prefix_bits` (0 to 128, counted in the 16-byte form) of `address`.
struct IpNetwork {
  IpAddress address;
  std::uint8_t prefix_bits = 128;

  friend constexpr auto operator<=>(const IpNetwork&, const IpNetwork&) = default;
  [[nodiscard]] bool contains(const IpAddress& other) const;
};

// "203.0.113.0/24", "2001:db8::/32", or a single address. Host bits must be zero. Error code: "bad_cidr".
[[nodiscard]] Result<IpNetwork> parse_cidr(std::string_view text);
[[nodiscard]] std::string format_cidr(const IpNetwork& network);

}  // namespace tallystick::base
