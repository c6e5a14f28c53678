#pragma once
// The hours in which a channel stays silent: from one time of day to another in a time zone, on the days on which they
// begin. What would be told in them is told at their end. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace tallystick::alerts {

enum class Weekday : std::uint8_t { kMonday, kTuesday, kWednesday, kThursday, kFriday, kSaturday, kSunday };
inline constexpr int kWeekdayCount = 7;
// "mon" to "sun".
[[nodiscard]] std::string_view name_of(Weekday day);
// Error code: "unknown_weekday".
[[nodiscard]] base::Result<Weekday> parse_weekday(std::string_view text);

// "22:00" is minute 1320; "24:00" is the end of the day. Error code: "bad_time_of_day".
[[nodiscard]] base::Result<std::int32_t> parse_time_of_day(std::string_view text);
[[nodiscard]] std::string format_time_of_day(std::int32_t minute);

struct QuietHours {
  std::string time_zone = "UTC";  // IANA
  std::int32_t from_minute = 0;   // of the day, in the zone
  std::int32_t to_minute = 0;     // not later than from_minute: on the next day
  std::vector<Weekday> days;      // on which they begin; ascending, at least one
  bool lets_critical_pass = true;

  friend bool operator==(const QuietHours&, const QuietHours&) = default;
};

// The end of the quiet hours that `now` lies in, of several that join each other the last; nothing when it lies in
// none. A time that the clocks skip is the moment after the gap, of one that comes twice the earlier counts. Error
// code: "unknown_time_zone".
[[nodiscard]] base::Result<std::optional<base::Timestamp>> quiet_until(const QuietHours& hours, base::Timestamp now);

}  // namespace tallystick::alerts
