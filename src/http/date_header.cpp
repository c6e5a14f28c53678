#include "http/date_header.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace tallystick::http {

std::string format_http_date(base::Timestamp time) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds{time.us}};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(moment - day)};
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(),
                                 text.size(),
                                 "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                 kDays.at(std::chrono::weekday{day}.c_encoding()),
                                 static_cast<unsigned>(date.day()),
                                 kMonths.at(static_cast<unsigned>(date.month()) - 1),
                                 static_cast<int>(date.year()),
                                 static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()),
                                 static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string_view DateHeader::line_at(base::Timestamp time) {
  const std::int64_t second = time.us / base::kMicrosPerSecond;
  if (second != second_) {
    second_ = second;
    line_ = "Date: " + format_http_date(time) + "\r\n";
  }
  return line_;
}

}  // namespace tallystick::http
