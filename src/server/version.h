#pragma once
// The version of the program.

#include <string_view>

namespace tallystick::server {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace tallystick::server
