#pragma once
// Paths of C2SP tlog-tiles resources: "tile/<L>/<N>[.p/<W>]" and "tile/entries/<N>[.p/<W>]", where N is written in
// groups of three digits, all but the last behind an 'x' ("x001/x234/067"). Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::journal {

struct TilePath {
  std::optional<unsigned> level;  // absent: the entries themselves
  std::uint64_t index = 0;
  unsigned width = 256;  // 256 is a full tile

  friend bool operator==(const TilePath&, const TilePath&) = default;
};

// Strict: exactly what format_tile_path() writes. Error code: "bad_tile_path".
[[nodiscard]] base::Result<TilePath> parse_tile_path(std::string_view path);
[[nodiscard]] std::string format_tile_path(const TilePath& path);

}  // namespace tallystick::journal
