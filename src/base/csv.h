#pragma once
// Fields of CSV files (RFC 4180) that people open in a spreadsheet. Pure.

#include <string>
#include <string_view>

namespace tallystick::base {

inline constexpr std::string_view kCsvLineEnd = "\r\n";

// As it stands in the file: in quotes where needed; what a spreadsheet would run as a formula is defused with an
// apostrophe, while plain negative numbers stay numbers. For text from outside.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace tallystick::base
