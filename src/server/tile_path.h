#pragma once
// Paths of log resources as C2SP tlog-tiles writes them: "0/x001/x234/067", "entries/000.p/17". Pure.

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace tallystick::server {

struct TilePath {
  bool is_entries = false;
  unsigned level = 0;  // 0 to 63; of hash tiles only
  std::uint64_t index = 0;
  unsigned width = 256;  // 256: a full tile
};

// The part behind "/log/tile/". Strict: one spelling per tile. Error code: "bad_tile_path" (kNotFound).
[[nodiscard]] base::Result<TilePath> parse_tile_path(std::string_view text);

}  // namespace tallystick::server
