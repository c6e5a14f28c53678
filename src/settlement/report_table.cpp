#include "settlement/report_table.h"

#include <algorithm>

namespace tallystick::settlement {

ReportTable::ReportTable(tabular::ByteSource& source, const ReportLayout& layout)
    : layout_(layout), text_(source, layout.encoding), reader_(text_, layout.delimiter) {}

base::Result<std::unique_ptr<ReportTable>> ReportTable::open(tabular::ByteSource& source, const ReportLayout& layout) {
  TALLY_TRY(source.rewind());
  return std::unique_ptr<ReportTable>(new ReportTable(source, layout));
}

LineKind ReportTable::kind_of(const ReportLine& line) const {
  const auto first = std::ranges::find_if(line.cells, [](std::string_view cell) { return !cell.empty(); });
  const std::vector<std::string>& labels = layout_.profile().total_labels;
  const std::string_view occurred = line.value(Field::kOccurred);
  // A total stands where a date would, or has none.
  if (!labels.empty() && (occurred.empty() || occurred == *first) &&
      std::ranges::find(labels, normal_form(*first)) != labels.end()) {
    return LineKind::kTotal;
  }
  const auto filled = std::ranges::count_if(line.cells, [](std::string_view cell) { return !cell.empty(); });
  if (filled == 1 && line.cells.size() < layout_.header.size() && line.end == tabular::RowEnd::kLineEnd) {
    return LineKind::kNote;
  }
  if (line.cells.size() == layout_.header.size() && line.cells.front() == layout_.header.front() &&
      std::ranges::equal(line.cells, layout_.header)) {
    return LineKind::kNote;
  }
  return LineKind::kData;
}

base::Result<bool> ReportTable::next(ReportLine& line) {
  while (true) {
    TALLY_ASSIGN(const bool has_row, reader_.next(row_));
    if (!has_row) {
      return false;
    }
    if (row_.line <= layout_.header_line) {
      continue;
    }
    line.cells = row_.cells;
    if (row_.cells.size() == 1 && layout_.header.size() > 1) {
      expanded_ = expand_collapsed(row_, layout_.delimiter);
      if (!expanded_.empty()) {
        expanded_views_.assign(expanded_.begin(), expanded_.end());
        line.cells = expanded_views_;
      }
    }
    if (std::ranges::all_of(line.cells, &std::string_view::empty)) {
      continue;
    }
    line.line = row_.line;
    line.fault = row_.fault;
    line.end = row_.end;
    for (std::size_t i = 0; i < kFieldCount; ++i) {
      const auto column = static_cast<std::size_t>(layout_.fit.columns[i]);
      line.values[i] = column < line.cells.size() ? line.cells[column] : std::string_view();
    }
    line.kind = kind_of(line);
    return true;
  }
}

}  // namespace tallystick::settlement
