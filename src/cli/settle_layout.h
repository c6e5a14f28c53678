#pragma once
// How networks write things: local times, amounts, fields of a table, encodings. Pure.

#include <span>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/time_zone.h"

namespace tallystick::cli {

// What a clock of the zone shows.
struct LocalTime {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int offset_minutes = 0;
};
[[nodiscard]] LocalTime local_time(const base::TimeZone& zone, base::Timestamp time);

[[nodiscard]] std::string iso_with_offset(const LocalTime& time);  // "2026-10-04T12:33:21-04:00"
[[nodiscard]] std::string iso_with_space(const LocalTime& time);   // "2026-10-04 12:33:21"
[[nodiscard]] std::string iso_date(const LocalTime& time);         // "2026-10-04"
[[nodiscard]] std::string cj_time(const LocalTime& time);          // "04-Oct-2026 12:33:21"
[[nodiscard]] std::string us_short_date(const LocalTime& time);    // "10/4/2026"
[[nodiscard]] std::string us_clock(const LocalTime& time);         // "12:33:21"
[[nodiscard]] std::string us_date_time(const LocalTime& time);     // "10/04/2026 12:33:21 PM"

struct AmountStyle {
  char point = '.';
  char thousands = '\0';  // none
};
[[nodiscard]] std::string format_table_amount(std::int64_t amount_minor,
                                              const base::Currency& currency,
                                              const AmountStyle& style);

// Fields with quotes where they need them; ends the line.
void append_table_row(std::string& out, std::span<const std::string> fields, char delimiter, std::string_view line_end);

// UTF-16, little-endian, with its byte order mark. The text is ASCII.
[[nodiscard]] std::string to_utf16(std::string_view ascii);

}  // namespace tallystick::cli
