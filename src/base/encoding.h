#pragma once
// Text forms of bytes: hex, base64 (RFC 4648 sections 4 and 5), percent-encoding (RFC 3986).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::base {

// 0 to 15, or -1 when `c` is no hex digit.
[[nodiscard]] int hex_value(char c) noexcept;

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
// Either case, even length. Error code: "bad_hex".
[[nodiscard]] Result<std::vector<std::uint8_t>> from_hex(std::string_view text);

[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> bytes);
// Without padding, URL-safe alphabet.
[[nodiscard]] std::string to_base64url(std::span<const std::uint8_t> bytes);
// Strict: no white space, canonical padding (none for the URL form). Error code: "bad_base64".
[[nodiscard]] Result<std::vector<std::uint8_t>> from_base64(std::string_view text);
[[nodiscard]] Result<std::vector<std::uint8_t>> from_base64url(std::string_view text);

// Everything but ALPHA / DIGIT / "-" / "." / "_" / "~" becomes %XX (upper-case digits).
[[nodiscard]] std::string percent_encode(std::string_view text);
void percent_encode_into(std::string_view text, std::string& out);
// '+' stays '+'. A '%' without two hex digits is an error: "bad_percent_encoding".
[[nodiscard]] Result<std::string> percent_decode(std::string_view text);

[[nodiscard]] inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace tallystick::base
