#include "base/ip.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "base/encoding.h"

namespace tallystick::base {
namespace {

constexpr std::size_t kV4Offset = 12;
constexpr unsigned kV4PrefixBits = 96;
constexpr std::size_t kLongestText = 45;  // eight groups, the last two as a dotted quad

std::unexpected<Error> bad_ip() {
  return fail(ErrorKind::kInvalid, "bad_ip", "expected an IPv4 or IPv6 address");
}

// A decimal number of at most three digits without leading zeros, at most `limit`; -1 otherwise. Leading zeros are
// refused because some parsers read them as octal, so that two programs would see two addresses.
int parse_decimal(std::string_view text, int limit) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) {
    return -1;
  }
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return -1;
    }
    value = value * 10 + (c - '0');
  }
  return value <= limit ? value : -1;
}

// Exactly four decimal bytes into out[0..3].
bool parse_quad(std::string_view text, std::uint8_t* out) {
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t end = i == 3 ? text.size() : text.find('.');
    if (end == std::string_view::npos) {
      return false;
    }
    const int value = parse_decimal(text.substr(0, end), 255);
    if (value < 0) {
      return false;
    }
    out[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

// Groups of up to four hex digits between colons, the last perhaps a dotted quad where `may_end_in_quad`.
// Returns the number of bytes written (at most 16), or -1.
int parse_groups(std::string_view text, bool may_end_in_quad, std::array<std::uint8_t, 16>& out) {
  if (text.empty()) {
    return 0;
  }
  std::size_t used = 0;
  while (true) {
    const std::size_t colon = text.find(':');
    const bool is_last = colon == std::string_view::npos;
    const std::string_view group = text.substr(0, colon);
    if (is_last && may_end_in_quad && group.find('.') != std::string_view::npos) {
      return used + 4 <= 16 && parse_quad(group, out.data() + used) ? static_cast<int>(used + 4) : -1;
    }
    if (group.empty() || group.size() > 4 || used + 2 > 16) {
      return -1;
    }
    unsigned value = 0;
    for (const char c : group) {
      const int digit = hex_value(c);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | static_cast<unsigned>(digit);
    }
    out[used] = static_cast<std::uint8_t>(value >> 8);
    out[used + 1] = static_cast<std::uint8_t>(value & 0xff);
    used += 2;
    if (is_last) {
      return static_cast<int>(used);
    }
    text.remove_prefix(colon + 1);
  }
}

Result<IpAddress> parse_v6(std::string_view text) {
  IpAddress address;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    return parse_groups(text, true, address.bytes) == 16 ? Result<IpAddress>(address) : bad_ip();
  }
  std::array<std::uint8_t, 16> tail{};
  const int head_bytes = parse_groups(text.substr(0, gap), false, address.bytes);
  const int tail_bytes = parse_groups(text.substr(gap + 2), true, tail);
  // "::" stands for at least one group of zeros.
  if (head_bytes < 0 || tail_bytes < 0 || head_bytes + tail_bytes > 14) {
    return bad_ip();
  }
  std::copy_n(tail.begin(), tail_bytes, address.bytes.end() - tail_bytes);
  return address;
}

// Zeroes all bits behind the first `bits`.
IpAddress masked(const IpAddress& address, unsigned bits) {
  IpAddress out;
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = std::min(bits - std::min(bits, i * 8), 8U);
    out.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xff00U >> kept) & 0xffU);
  }
  return out;
}

std::string format_v4(const IpAddress& address) {
  const auto& b = address.bytes;
  return fmt::format("{}.{}.{}.{}", b[12], b[13], b[14], b[15]);
}

// RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as "::".
std::string format_v6(const IpAddress& address) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<unsigned>(address.bytes[2 * i]) << 8 | address.bytes[2 * i + 1];
  }
  std::size_t run_start = 8;
  std::size_t run_length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) {
      ++end;
    }
    if (end - i > run_length) {
      run_start = i;
      run_length = end - i;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == run_start) {
      out += "::";
      i += run_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') {
      out += ':';
    }
    out += fmt::format("{:x}", groups[i]);
  }
  return out;
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

Result<IpAddress> parse_ip(std::string_view text) {
  if (text.size() > kLongestText) {
    return bad_ip();
  }
  if (text.find(':') != std::string_view::npos) {
    return parse_v6(text);
  }
  IpAddress address;
  address.bytes[10] = address.bytes[11] = 0xff;
  if (!parse_quad(text, address.bytes.data() + kV4Offset)) {
    return bad_ip();
  }
  return address;
}

std::string format_ip(const IpAddress& address) {
  return address.is_v4() ? format_v4(address) : format_v6(address);
}

IpAddress truncate_ip(const IpAddress& address) {
  return masked(address, address.is_v4() ? kV4PrefixBits + 24 : 48);
}

bool IpNetwork::contains(const IpAddress& other) const {
  return masked(other, prefix_bits) == masked(address, prefix_bits);
}

Result<IpNetwork> parse_cidr(std::string_view text) {
  const auto bad = [] {
    return fail(ErrorKind::kInvalid, "bad_cidr", "expected a network such as 203.0.113.0/24, without host bits");
  };
  const std::size_t slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) {
    return bad();
  }
  if (slash == std::string_view::npos) {
    return IpNetwork{*address, 128};
  }
  // The prefix counts in the family that was written: "::ffff:10.0.0.0/104" is an IPv6 network.
  const bool is_quad = text.substr(0, slash).find(':') == std::string_view::npos;
  const int bits = parse_decimal(text.substr(slash + 1), is_quad ? 32 : 128);
  if (bits < 0) {
    return bad();
  }
  const unsigned prefix_bits = static_cast<unsigned>(bits) + (is_quad ? kV4PrefixBits : 0);
  if (masked(*address, prefix_bits) != *address) {
    return bad();
  }
  return IpNetwork{*address, static_cast<std::uint8_t>(prefix_bits)};
}

std::string format_cidr(const IpNetwork& network) {
  if (network.address.is_v4() && network.prefix_bits >= kV4PrefixBits) {
    return fmt::format("{}/{}", format_v4(network.address), network.prefix_bits - kV4PrefixBits);
  }
  return fmt::format("{}/{}", format_v6(network.address), network.prefix_bits);
}

}  // namespace tallystick::base
