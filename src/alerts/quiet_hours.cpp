#include "alerts/quiet_hours.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/time_zone.h"

namespace tallystick::alerts {
namespace {

constexpr std::array<std::string_view, kWeekdayCount> kWeekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::int32_t kMinutesPerDay = 24 * 60;

Weekday weekday_of(base::Date day) {
  return static_cast<Weekday>((day.days + 3) % kWeekdayCount);  // 1970-01-01 was a Thursday
}

// The end of the hours that begin on `day`, when `now` lies in them.
std::optional<base::Timestamp> end_of(const QuietHours& hours,
                                      const base::TimeZone& zone,
                                      base::Date day,
                                      base::Timestamp now) {
  if (std::ranges::find(hours.days, weekday_of(day)) == hours.days.end()) {
    return std::nullopt;
  }
  const base::Date last_day = hours.to_minute > hours.from_minute ? day : day + 1;
  const base::Timestamp begin = zone.first_at(day, hours.from_minute);
  const base::Timestamp end = zone.first_at(last_day, hours.to_minute);
  return begin <= now && now < end ? std::optional(end) : std::nullopt;
}

}  // namespace

std::string_view name_of(Weekday day) {
  return kWeekdays[static_cast<std::size_t>(day)];
}

base::Result<Weekday> parse_weekday(std::string_view text) {
  const auto found = std::ranges::find(kWeekdays, text);
  if (found == kWeekdays.end()) {
    return base::fail(base::ErrorKind::kInvalid, "unknown_weekday", "a day is mon, tue, wed, thu, fri, sat or sun");
  }
  return static_cast<Weekday>(found - kWeekdays.begin());
}

base::Result<std::int32_t> parse_time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t at) {
    return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 100;
  };
  if (text.size() == 5 && text[2] == ':') {
    const std::int32_t minute = digit(3) * 10 + digit(4);
    const std::int32_t all = (digit(0) * 10 + digit(1)) * 60 + minute;
    if (minute < 60 && all <= kMinutesPerDay) {
      return all;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_time_of_day", "expected a time of day such as 22:00, up to 24:00");
}

std::string format_time_of_day(std::int32_t minute) {
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

base::Result<std::optional<base::Timestamp>> quiet_until(const QuietHours& hours, base::Timestamp now) {
  TALLY_ASSIGN(const base::TimeZone zone, base::TimeZone::find(hours.time_zone));
  std::optional<base::Timestamp> end;
  // Whole days may join each other: at most a week of them, since one day at least has a gap.
  for (int joined = 0; joined <= kWeekdayCount; ++joined) {
    const base::Timestamp at = end.value_or(now);
    const base::Date today = zone.day_of(at);
    auto next = end_of(hours, zone, today, at);
    if (!next) {
      next = end_of(hours, zone, today + -1, at);
    }
    if (!next) {
      break;
    }
    end = next;
  }
  return end;
}

}  // namespace tallystick::alerts
