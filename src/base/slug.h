#pragma once
// Slugs: the short names that stand in paths and links.

#include <string_view>

namespace tallystick::base {

// [a-z0-9][a-z0-9-]{0,62}
[[nodiscard]] bool is_slug(std::string_view text) noexcept;

}  // namespace tallystick::base
