#pragma once
// A listening unix socket that only its owner may connect to. Thread-safe.

#include <string>

#include "base/error.h"

namespace tallystick::http {

// Returns a non-blocking descriptor. A socket file that nobody listens on is replaced; one that is in use, or
// a path that is no socket, is left alone. Error code: "listen_failed".
[[nodiscard]] base::Result<int> open_unix_listener(const std::string& path, int backlog);

}  // namespace tallystick::http
