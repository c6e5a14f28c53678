#pragma once
// Reason phrases of the status codes in use (RFC 9110 section 15). Thread-safe.

#include <string_view>

namespace tallystick::http {

// "Unknown" for a code that is not in the table.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

// 1xx, 204 and 304 have no body (RFC 9110 section 6.4.1).
[[nodiscard]] bool is_bodiless(int status) noexcept;

}  // namespace tallystick::http
