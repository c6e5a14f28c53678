#pragma once
// ClickHouse's error numbers as they show in messages, and the HTTP status that its server answers with. Pure.

#include <string_view>

namespace tallystick::engine {

// Of "Code: 60. DB::Exception: ..."; 1002 (unknown) when there is none.
[[nodiscard]] int parse_error_code(std::string_view message);

[[nodiscard]] int http_status_of(int error_code);

}  // namespace tallystick::engine
