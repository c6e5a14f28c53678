#pragma once
// Country codes.

#include <string_view>

namespace tallystick::exposure {

// An officially assigned ISO 3166-1 alpha-2 code, in upper case.
[[nodiscard]] bool is_country_code(std::string_view text);

}  // namespace tallystick::exposure
