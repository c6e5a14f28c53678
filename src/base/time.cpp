#include "base/time.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace tallystick::base {
namespace {

// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z: what four digits of a year can say.
constexpr std::int64_t kFirstTimestampUs = -62'135'596'800'000'000;
constexpr std::int64_t kLastTimestampUs = 253'402'300'799'999'999;

// Reads `count` digits at `position`; -1 when one is missing.
int digits(std::string_view text, std::size_t position, std::size_t count) {
  if (position + count > text.size()) {
    return -1;
  }
  int value = 0;
  for (std::size_t i = position; i < position + count; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::unexpected<Error> bad_timestamp() {
  return fail(ErrorKind::kInvalid, "bad_timestamp", "expected an RFC 3339 time such as 2026-01-31T12:00:00Z");
}

// The offset from UTC in minutes at the end of the text ("Z", "+02:00"), or an error.
Result<std::int64_t> parse_offset_minutes(std::string_view text) {
  if (text == "Z" || text == "z") {
    return 0;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
    return bad_timestamp();
  }
  const int hours = digits(text, 1, 2);
  const int minutes = digits(text, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    return bad_timestamp();
  }
  const std::int64_t total = hours * 60 + minutes;
  return text[0] == '-' ? -total : total;
}

}  // namespace

Result<Timestamp> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text.size() > 40 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
      (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return bad_timestamp();
  }
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = digits(text, 17, 2);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (year < 1970 || month < 1 || day < 1 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60) {
    return bad_timestamp();
  }
  std::size_t position = 19;
  std::int64_t fraction_us = 0;
  if (text[position] == '.') {
    std::int64_t unit = 100'000;
    const std::size_t start = ++position;
    while (position < text.size() && text[position] >= '0' && text[position] <= '9') {
      fraction_us += (text[position] - '0') * unit;
      unit /= 10;
      ++position;
    }
    if (position == start || position - start > 9) {
      return bad_timestamp();
    }
  }
  TALLY_ASSIGN(const std::int64_t offset_minutes, parse_offset_minutes(text.substr(position)));
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + hour * 3'600 + minute * 60 + second - offset_minutes * 60;
  if (seconds < 0) {
    return bad_timestamp();
  }
  return Timestamp{seconds * kMicrosPerSecond + fraction_us};
}

std::string format_rfc3339(Timestamp time) {
  const std::chrono::sys_time<std::chrono::microseconds> point{
      std::chrono::microseconds{std::clamp(time.us, kFirstTimestampUs, kLastTimestampUs)}};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const std::int64_t in_day_us = (point - day).count();
  const std::int64_t seconds = in_day_us / kMicrosPerSecond;
  const std::int64_t fraction = in_day_us % kMicrosPerSecond;
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                                static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()),
                                static_cast<unsigned>(date.day()),
                                seconds / 3'600,
                                seconds / 60 % 60,
                                seconds % 60);
  if (fraction != 0) {
    out += fmt::format(".{:06}", fraction);
  }
  return out + "Z";
}

Timestamp SystemClock::now() const {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return {duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::int64_t SystemClock::monotonic_us() const {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return duration_cast<microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace tallystick::base
