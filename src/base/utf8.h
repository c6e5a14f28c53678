#pragma once
// Text from outside that has to be stored: databases take well-formed UTF-8 (RFC 3629) only. Pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace tallystick::base {

// At most `max_bytes` of `text`, never half a character; a byte that is no UTF-8 becomes '?', a control character a
// space.
[[nodiscard]] std::string clean_utf8(std::string_view text, std::size_t max_bytes);

}  // namespace tallystick::base
