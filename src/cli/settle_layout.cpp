#include "cli/settle_layout.h"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

namespace tallystick::cli {
namespace {

constexpr std::array<std::string_view, 12> kMonthNames = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

int number_in(std::string_view text, std::size_t begin, std::size_t count) {
  int number = 0;
  for (const char c : text.substr(begin, count)) {
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

LocalTime local_time(const base::TimeZone& zone, base::Timestamp time) {
  const std::int64_t offset_us = zone.offset_us_at(time);
  // A clock of UTC that shows the same.
  const std::string shown = base::format_rfc3339(time + offset_us);
  return {.year = number_in(shown, 0, 4),
          .month = number_in(shown, 5, 2),
          .day = number_in(shown, 8, 2),
          .hour = number_in(shown, 11, 2),
          .minute = number_in(shown, 14, 2),
          .second = number_in(shown, 17, 2),
          .offset_minutes = static_cast<int>(offset_us / base::kMicrosPerMinute)};
}

std::string iso_date(const LocalTime& time) {
  return fmt::format("{:04}-{:02}-{:02}", time.year, time.month, time.day);
}

std::string us_clock(const LocalTime& time) {
  return fmt::format("{:02}:{:02}:{:02}", time.hour, time.minute, time.second);
}

std::string iso_with_space(const LocalTime& time) {
  return iso_date(time) + " " + us_clock(time);
}

std::string iso_with_offset(const LocalTime& time) {
  const int minutes = std::abs(time.offset_minutes);
  return fmt::format("{}T{}{}{:02}:{:02}",
                     iso_date(time),
                     us_clock(time),
                     time.offset_minutes < 0 ? '-' : '+',
                     minutes / 60,
                     minutes % 60);
}

std::string cj_time(const LocalTime& time) {
  return fmt::format("{:02}-{}-{:04} {}",
                     time.day,
                     kMonthNames.at(static_cast<std::size_t>(time.month) - 1),
                     time.year,
                     us_clock(time));
}

std::string us_short_date(const LocalTime& time) {
  return fmt::format("{}/{}/{}", time.month, time.day, time.year);
}

std::string us_date_time(const LocalTime& time) {
  return fmt::format("{:02}/{:02}/{:04} {:02}:{:02}:{:02} {}",
                     time.month,
                     time.day,
                     time.year,
                     time.hour % 12 == 0 ? 12 : time.hour % 12,
                     time.minute,
                     time.second,
                     time.hour < 12 ? "AM" : "PM");
}

std::string format_table_amount(std::int64_t amount_minor, const base::Currency& currency, const AmountStyle& style) {
  std::string text = base::format_amount({amount_minor, currency});
  const std::size_t point = text.find('.');
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  std::size_t at = point == std::string::npos ? text.size() : point;
  if (point != std::string::npos) {
    text[point] = style.point;
  }
  while (style.thousands != '\0' && at > first + 3) {
    at -= 3;
    text.insert(at, 1, style.thousands);
  }
  return text;
}

void append_table_row(std::string& out,
                      std::span<const std::string> fields,
                      char delimiter,
                      std::string_view line_end) {
  bool is_first = true;
  for (const std::string& field : fields) {
    if (!is_first) {
      out += delimiter;
    }
    is_first = false;
    if (field.find(delimiter) == std::string::npos && field.find_first_of("\"\r\n") == std::string::npos) {
      out += field;
      continue;
    }
    out += '"';
    for (const char c : field) {
      out += c == '"' ? "\"\"" : std::string_view(&c, 1);
    }
    out += '"';
  }
  out += line_end;
}

std::string to_utf16(std::string_view ascii) {
  std::string out = "\xFF\xFE";
  out.reserve(2 + 2 * ascii.size());
  for (const char c : ascii) {
    out += c;
    out += '\0';
  }
  return out;
}

}  // namespace tallystick::cli
