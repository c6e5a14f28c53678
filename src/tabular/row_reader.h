#pragma once
// The rows of a table of separated values, one at a time, with their lines. Lenient in what exporters get wrong (quotes
// in the middle of a cell, any line end, blank lines), strict in how much it holds: memory is bounded by the limits,
// whatever the file is. One thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tabular/encoding.h"

namespace tallystick::tabular {

struct Limits {
  std::size_t max_cell_bytes = 32UZ * 1024;
  std::size_t max_row_bytes = 1024UZ * 1024;  // beyond it the file is no table, or a quotation mark is not closed
  std::size_t max_cells = 500;                // of a row
};

enum class RowEnd : std::uint8_t {
  kLineEnd,
  kEndOfFile,  // the last row, without a line end: it may be cut short
  kOpenQuote,  // the file ended inside a quoted cell
};

enum class RowFault : std::uint8_t { kNone, kCellTooLong, kTooManyCells };

struct Row {
  std::int64_t line = 0;                // where it begins, from 1
  std::vector<std::string_view> cells;  // until the next row is read; spaces around them are taken off
  RowFault fault = RowFault::kNone;     // then cells are cut
  RowEnd end = RowEnd::kLineEnd;
};

inline constexpr std::array<char, 4> kDelimiters = {',', ';', '\t', '|'};

class RowReader {
 public:
  // `text` must outlive it.
  RowReader(TextStream& text, char delimiter, const Limits& limits = {});
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // False at the end; blank lines are no rows. Error codes: "line_too_long", "file_read_failed".
  [[nodiscard]] base::Result<bool> next(Row& row);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The delimiters by how well they make a table of the text's beginning, best first.
[[nodiscard]] std::array<char, 4> rank_delimiters(std::string_view sample);

// One row out of one text, for a row that came as a single cell; nothing when it does not make at least two cells.
[[nodiscard]] std::vector<std::string> split_text(std::string_view text, char delimiter);

}  // namespace tallystick::tabular
