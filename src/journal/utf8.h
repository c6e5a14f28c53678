#pragma once
// UTF-8 (RFC 3629), strictly: shortest form, no surrogates, nothing beyond U+10FFFF. Pure.

#include <cstddef>
#include <string_view>

namespace tallystick::journal {

// Length of the sequence at the front of a text that is not empty; 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace tallystick::journal
