// rooms: journal crypto base
// A tile has one path: what is accepted is exactly what would be written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "journal/tile_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick::journal;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto path = parse_tile_path(text)) {
    if (format_tile_path(*path) != text || path->width == 0 || path->width > 256) {
      std::abort();
    }
  }
  return 0;
}
