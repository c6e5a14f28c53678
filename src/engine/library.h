#pragma once
// Finds and opens libchdb, the ClickHouse engine as a shared library (x86-64, glibc). Only the engine's own
// process opens it; it stays open until that process ends. Thread-safe.

#include <filesystem>
#include <string>

#include "base/error.h"
#include "engine/chdb.h"

namespace tallystick::engine {

// `configured` when it is not empty, or the first that exists: libchdb.so beside the binary,
// ../lib/tallystick/libchdb.so from there, the npm folder of the source tree that the binary was built from.
// Error code: "engine_library_missing".
[[nodiscard]] base::Result<std::filesystem::path> find_library(const std::string& configured);

// Error code: "engine_library_unusable".
[[nodiscard]] base::Result<ChdbFunctions> open_library(const std::filesystem::path& file);

}  // namespace tallystick::engine
