#pragma once
// The parts of a multipart/form-data body (RFC 7578), as browsers and curl write it. Views into the body. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::settlement {

struct FormPart {
  std::string name;
  std::string file_name;  // empty: it is no file
  std::string_view content;
};

inline constexpr std::size_t kMaxFormParts = 20;

[[nodiscard]] bool is_form(std::string_view content_type);
// Error code: "bad_form".
[[nodiscard]] base::Result<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body);

}  // namespace tallystick::settlement
