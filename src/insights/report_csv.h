#pragma once
// A section of a report as CSV (RFC 4180): CRLF, a header row, quotes where needed. Money takes two columns per
// currency that occurs, minor units and decimal. Text that a spreadsheet would run as a formula is defused. Pure.

#include <string>
#include <string_view>

#include "insights/report_table.h"

namespace tallystick::insights {

[[nodiscard]] std::string to_csv(const Section& section);

}  // namespace tallystick::insights
