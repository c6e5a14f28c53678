#include "base/slug.h"

#include <algorithm>
#include <cstddef>

namespace tallystick::base {

bool is_slug(std::string_view text) noexcept {
  constexpr std::size_t kMaxLength = 63;
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= kMaxLength && is_letter_or_digit(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter_or_digit(c) || c == '-'; });
}

}  // namespace tallystick::base
