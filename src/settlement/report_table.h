#pragma once
// The lines of a report below its header, with what each is: a row, a total, a note. One thread.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "settlement/report_layout.h"
#include "tabular/row_reader.h"

namespace tallystick::settlement {

enum class LineKind : std::uint8_t {
  kData,
  kTotal,  // sums over the rows
  kNote,   // one cell of text, or the header once more
};

struct ReportLine {
  std::int64_t line = 0;
  LineKind kind = LineKind::kData;
  tabular::RowFault fault = tabular::RowFault::kNone;
  tabular::RowEnd end = tabular::RowEnd::kLineEnd;
  std::span<const std::string_view> cells;  // all three until the next line is read
  std::array<std::string_view, kFieldCount> values;

  [[nodiscard]] std::string_view value(Field field) const { return values[static_cast<std::size_t>(field)]; }
};

class ReportTable {
 public:
  // `source` stands anywhere; both must outlive it.
  [[nodiscard]] static base::Result<std::unique_ptr<ReportTable>> open(tabular::ByteSource& source,
                                                                       const ReportLayout& layout);

  // False at the end. Lines without any value are left out. Error codes: those of RowReader.
  [[nodiscard]] base::Result<bool> next(ReportLine& line);

 private:
  ReportTable(tabular::ByteSource& source, const ReportLayout& layout);
  [[nodiscard]] LineKind kind_of(const ReportLine& line) const;

  const ReportLayout& layout_;
  tabular::TextStream text_;
  tabular::RowReader reader_;
  tabular::Row row_;
  std::vector<std::string> expanded_;
  std::vector<std::string_view> expanded_views_;
};

}  // namespace tallystick::settlement
