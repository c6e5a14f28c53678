#pragma once
// A TOML document as a flat list of keys with their lines; keeps the parser's headers in one file.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tallystick::base {

using TomlValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;

struct TomlItem {
  std::string key;                 // dotted
  std::optional<TomlValue> value;  // absent: a type that is not among the above
  std::uint32_t line = 0;
};

struct TomlFile {
  std::vector<TomlItem> items;
  std::string error;  // empty: it parsed
  std::uint32_t error_line = 0;
};

[[nodiscard]] TomlFile parse_toml(std::string_view text);

}  // namespace tallystick::base
