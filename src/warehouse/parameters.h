#pragma once
// How values of parameters are written for ClickHouse. A text is escaped as in TabSeparated; an array is written with
// quotes and taken as it is. Pure.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace tallystick::warehouse {

// {name:Type} in the SQL gets its value from the pair (name, value). Values are plain; array values come from
// array_parameter().
using Parameters = std::vector<std::pair<std::string, std::string>>;

// "['a','b']", for Array(String), Array(UUID), Array(Date).
[[nodiscard]] std::string array_parameter(std::span<const std::string> values);
// "2026-11-21 04:22:01.123456", for DateTime64(6, 'UTC').
[[nodiscard]] std::string time_parameter(base::Timestamp time);

// The value as it goes into the URL, by the type that the SQL gives the parameter.
[[nodiscard]] std::string escape_parameter(std::string_view sql, std::string_view name, std::string_view value);

}  // namespace tallystick::warehouse
