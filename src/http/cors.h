#pragma once
// Cross-origin resource sharing for the public endpoints: any page may call them, without credentials.
// Set Route::is_cross_origin and the server does the rest. Thread-safe.

#include <string>

#include "http/router.h"

namespace tallystick::http {

// Header lines of the answer to OPTIONS: Allow, and what a preflight needs when the path is cross-origin.
[[nodiscard]] std::string make_options_headers(const PathSummary& path);

}  // namespace tallystick::http
