// rooms: tabular
// Any bytes as a table: rows with lines that never go back, cells within the limits, and the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tabular/row_reader.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

std::size_t read_all(std::string_view bytes, char delimiter) {
  using namespace tallystick::tabular;
  constexpr Limits kLimits{.max_cell_bytes = 64, .max_row_bytes = 512, .max_cells = 8};
  MemorySource source(bytes);
  const auto encoding = detect_encoding(source);
  if (!encoding) {
    return 0;
  }
  TextStream text(source, *encoding);
  RowReader reader(text, delimiter, kLimits);
  Row row;
  std::size_t cells = 0;
  std::int64_t last_line = 0;
  while (true) {
    const auto has_row = reader.next(row);
    if (!has_row || !*has_row) {
      return cells;
    }
    require(row.line > last_line);
    last_line = row.line;
    require(!row.cells.empty() && row.cells.size() <= kLimits.max_cells);
    for (const std::string_view cell : row.cells) {
      require(cell.size() <= kLimits.max_cell_bytes);
      cells += cell.size() + 1;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const char delimiter : tallystick::tabular::kDelimiters) {
    require(read_all(bytes, delimiter) == read_all(bytes, delimiter));
  }
  (void)tallystick::tabular::rank_delimiters(bytes);
  (void)tallystick::tabular::split_text(bytes, ',');
  return 0;
}
