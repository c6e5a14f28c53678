#pragma once
// Problem details (RFC 9457) for answers that no room's Error describes: those of the protocol itself
// (405, 414, 431, ...). Rooms use problem() in http/message.h. Thread-safe.

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::http {

inline constexpr std::string_view kProblemContentType = "application/problem+json";

// `type` becomes "/problems/<code>", a stable path. An empty `detail` or `instance` is left out.
[[nodiscard]] std::string make_problem_body(int status,
                                            std::string_view title,
                                            std::string_view code,
                                            std::string_view detail,
                                            std::string_view instance,
                                            std::span<const base::FieldError> fields = {});

}  // namespace tallystick::http
