#pragma once
// The whole of a report looked at once before any of it is imported: how many rows it has, how its numbers and dates
// are written, whether it ends as it should. One thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "settlement/report_layout.h"
#include "settlement/report_table.h"
#include "tabular/amount.h"
#include "tabular/date_time.h"

namespace tallystick::settlement {

// Something that a person should know of a report that was imported nevertheless.
struct ReportWarning {
  std::string code;
  std::string message;
};

struct Inspection {
  std::int64_t rows = 0;  // data
  std::int64_t totals = 0;
  std::int64_t notes = 0;
  tabular::DecimalMark mark = tabular::DecimalMark::kPoint;
  std::string mark_reason;                                                   // for people
  std::array<std::optional<tabular::DateFormat>, kFieldCount> date_formats;  // of kOccurred, kBooked, kClicked
  std::vector<ReportWarning> warnings;

  [[nodiscard]] const std::optional<tabular::DateFormat>& date_format(Field field) const {
    return date_formats[static_cast<std::size_t>(field)];
  }
};

// A date with the time of a column of its own, if there is one, parted by a space; in `scratch` if need be.
[[nodiscard]] std::string_view date_text(const ReportLine& line, Field date, std::string& scratch);

// Error codes: "no_rows", "too_many_rows", and those of ReportTable.
[[nodiscard]] base::Result<Inspection> inspect_report(tabular::ByteSource& source,
                                                      const ReportLayout& layout,
                                                      std::int64_t max_rows);

}  // namespace tallystick::settlement
