#include "base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace tallystick::base {
namespace {

// The bytes of the well-formed character that `text` begins with, or 0 (RFC 3629, section 4). `text` is not empty.
std::size_t sequence_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const auto first = byte(0);
  std::size_t bytes = 0;
  std::uint32_t code = 0;
  std::uint32_t smallest = 0;
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first < 0xE0) {
    bytes = 2, code = first & 0x1F, smallest = 0x80;
  } else if (first >= 0xE0 && first < 0xF0) {
    bytes = 3, code = first & 0x0F, smallest = 0x800;
  } else if (first >= 0xF0 && first < 0xF5) {
    bytes = 4, code = first & 0x07, smallest = 0x10000;
  }
  if (bytes == 0 || text.size() < bytes) {
    return 0;
  }
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return 0;
    }
    code = code << 6 | (byte(i) & 0x3F);
  }
  const bool is_surrogate = code >= 0xD800 && code < 0xE000;
  return code < smallest || code > 0x10FFFF || is_surrogate ? 0 : bytes;
}

}  // namespace

std::string clean_utf8(std::string_view text, std::size_t max_bytes) {
  const auto is_plain = [](char c) {
    return c >= ' ' && c <= '~';
  };
  if (std::ranges::all_of(text, is_plain)) {
    return std::string(text.substr(0, max_bytes));
  }
  std::string result;
  while (!text.empty()) {
    const auto bytes = sequence_bytes(text);
    const auto taken = bytes == 0 ? 1 : bytes;
    if (result.size() + taken > max_bytes) {
      break;
    }
    const bool is_control = bytes == 1 && (static_cast<std::uint8_t>(text[0]) < 0x20 || text[0] == 0x7F);
    if (bytes == 0) {
      result += '?';
    } else if (is_control) {
      result += ' ';
    } else {
      result += text.substr(0, bytes);
    }
    text.remove_prefix(taken);
  }
  return result;
}

}  // namespace tallystick::base
