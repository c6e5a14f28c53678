#include "tabular/row_reader.h"

#include <algorithm>
#include <map>
#include <new>
#include <utility>

#include <csv.h>
#include <fmt/format.h>

namespace tallystick::tabular {
namespace {

constexpr std::size_t kTextBytes = 64UZ * 1024;
constexpr std::size_t kRankedRows = 60;

// libcsv's states, which its header does not name.
constexpr int kRowNotBegun = 0;
constexpr int kCellBegun = 2;

}  // namespace

// libcsv pushes, next() pulls: it is fed a line at a time, and a line ends at most one row.
struct RowReader::State {
  State(TextStream& stream, char delimiter, const Limits& bounds) : text(stream), limits(bounds), buffer(kTextBytes) {
    if (csv_init(&parser, 0) != 0) {
      throw std::bad_alloc();
    }
    csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
  }
  ~State() { csv_free(&parser); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static void on_cell(void* cell, std::size_t bytes, void* self) { static_cast<State*>(self)->take_cell(cell, bytes); }
  static void on_row(int /*terminator*/, void* self) { static_cast<State*>(self)->is_row_complete = true; }

  void take_cell(const void* cell, std::size_t bytes) {
    if (ends.size() == limits.max_cells) {
      fault = RowFault::kTooManyCells;
      return;
    }
    if (bytes > limits.max_cell_bytes) {
      fault = RowFault::kCellTooLong;
      bytes = limits.max_cell_bytes;
    }
    cells.append(static_cast<const char*>(cell), bytes);
    ends.push_back(cells.size());
  }

  [[nodiscard]] bool is_between_rows() const { return parser.pstate == kRowNotBegun && ends.empty(); }

  base::Result<bool> refill() {
    TALLY_ASSIGN(end, text.read(buffer));
    begin = 0;
    return end > 0;
  }

  // Up to and with the next line end, or all there is.
  std::string_view next_piece() {
    const char* first = buffer.data() + begin;
    const char* last = buffer.data() + end;
    const char* at = std::find_if(first, last, [](char c) { return c == '\n' || c == '\r'; });
    return {first, at == last ? last : at + 1};
  }

  base::Result<void> feed(std::string_view piece) {
    // The second half of a CR LF belongs to the line that the CR ended.
    const bool is_second_half = is_after_cr && piece.front() == '\n';
    if (is_between_rows()) {
      row_line = line;
      row_bytes = 0;
    }
    row_bytes += piece.size();
    if (row_bytes > limits.max_row_bytes) {
      return base::fail(base::ErrorKind::kTooLarge,
                        "line_too_long",
                        fmt::format("the row that begins in line {} is longer than {} bytes: the file is no table, or "
                                    "a quotation mark in it is not closed",
                                    row_line,
                                    limits.max_row_bytes));
    }
    if (csv_parse(&parser, piece.data(), piece.size(), &State::on_cell, &State::on_row, this) != piece.size()) {
      throw std::bad_alloc();  // lenient parsing has no other failure
    }
    begin += piece.size();
    const bool ends_line = piece.back() == '\n' || piece.back() == '\r';
    line += ends_line && !is_second_half ? 1 : 0;
    is_after_cr = piece.back() == '\r';
    return {};
  }

  void hand_over(Row& row) {
    row.line = row_line;
    row.fault = fault;
    row.cells.clear();
    std::size_t start = 0;
    for (const std::size_t stop : ends) {
      row.cells.emplace_back(cells.data() + start, stop - start);
      start = stop;
    }
  }

  TextStream& text;
  const Limits limits;
  csv_parser parser{};
  std::vector<char> buffer;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string cells;  // of the row, one behind the other
  std::vector<std::size_t> ends;
  RowFault fault = RowFault::kNone;
  bool is_row_complete = false;
  bool is_after_cr = false;
  bool is_finished = false;
  std::int64_t line = 1;
  std::int64_t row_line = 1;
  std::size_t row_bytes = 0;
};

RowReader::RowReader(TextStream& text, char delimiter, const Limits& limits)
    : state_(std::make_unique<State>(text, delimiter, limits)) {}

RowReader::~RowReader() = default;

base::Result<bool> RowReader::next(Row& row) {
  State& state = *state_;
  state.cells.clear();
  state.ends.clear();
  state.fault = RowFault::kNone;
  state.is_row_complete = false;
  row.end = RowEnd::kLineEnd;
  while (!state.is_finished) {
    if (state.begin == state.end) {
      TALLY_ASSIGN(const bool has_more, state.refill());
      if (!has_more) {
        state.is_finished = true;
        const bool is_open = state.parser.pstate == kCellBegun && state.parser.quoted != 0;
        (void)csv_fini(&state.parser, &State::on_cell, &State::on_row, &state);
        row.end = is_open ? RowEnd::kOpenQuote : RowEnd::kEndOfFile;
        break;
      }
    }
    TALLY_TRY(state.feed(state.next_piece()));
    if (state.is_row_complete) {
      break;
    }
  }
  if (!state.is_row_complete) {
    return false;
  }
  state.hand_over(row);
  return true;
}

std::array<char, 4> rank_delimiters(std::string_view sample) {
  std::array<std::pair<std::size_t, char>, kDelimiters.size()> scores{};
  for (std::size_t i = 0; i < kDelimiters.size(); ++i) {
    MemorySource source(sample);
    TextStream text(source, {});
    RowReader reader(text, kDelimiters[i]);
    std::map<std::size_t, std::size_t> rows_of_width;
    Row row;
    for (std::size_t rows = 0; rows < kRankedRows; ++rows) {
      const auto has_row = reader.next(row);
      if (!has_row || !*has_row) {
        break;
      }
      ++rows_of_width[row.cells.size()];
    }
    for (const auto& [width, rows] : rows_of_width) {
      scores[i].first = std::max(scores[i].first, rows * (width - 1));
    }
    scores[i].second = kDelimiters[i];
  }
  std::ranges::stable_sort(scores, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::array<char, 4> ranked{};
  std::ranges::transform(scores, ranked.begin(), [](const auto& score) { return score.second; });
  return ranked;
}

std::vector<std::string> split_text(std::string_view text, char delimiter) {
  MemorySource source(text);
  TextStream stream(source, {});
  RowReader reader(stream, delimiter);
  Row row;
  const auto has_row = reader.next(row);
  if (!has_row || !*has_row || row.cells.size() < 2) {
    return {};
  }
  return {row.cells.begin(), row.cells.end()};
}

}  // namespace tallystick::tabular
