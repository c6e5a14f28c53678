#include "base/time_zone.h"

#include <chrono>
#include <stdexcept>

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>

namespace tallystick::base {
namespace {

using Micros = std::chrono::microseconds;

date::sys_time<Micros> to_sys(Timestamp time) {
  return date::sys_time<Micros>(Micros(time.us));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool has_date_form(std::string_view text) {
  if (text.size() != 10) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7 ? text[i] != '-' : !is_digit(text[i])) {
      return false;
    }
  }
  return true;
}

int number_at(std::string_view text, std::size_t begin, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(begin, count)) {
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<Date> find_date(int year, int month, int day) {
  constexpr int kFirstYear = 1970;
  constexpr int kLastYear = 9999;
  if (year < kFirstYear || year > kLastYear || month < 1 || day < 1) {
    return std::nullopt;
  }
  const date::year_month_day date{
      date::year(year), date::month(static_cast<unsigned>(month)), date::day(static_cast<unsigned>(day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return Date{static_cast<std::int32_t>(date::sys_days(date).time_since_epoch().count())};
}

Result<Date> parse_date(std::string_view text) {
  if (has_date_form(text)) {
    if (const auto day = find_date(number_at(text, 0, 4), number_at(text, 5, 2), number_at(text, 8, 2))) {
      return *day;
    }
  }
  return fail(ErrorKind::kInvalid, "bad_date", "expected a date such as 2026-01-31");
}

std::string format_date(Date day) {
  const date::year_month_day parts{date::sys_days(date::days(day.days))};
  return fmt::format("{:04}-{:02}-{:02}",
                     static_cast<int>(parts.year()),
                     static_cast<unsigned>(parts.month()),
                     static_cast<unsigned>(parts.day()));
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  try {
    // The library says "not found" by an exception only.
    const date::time_zone* zone = date::locate_zone(name);
    return TimeZone(std::string(name), zone);
  } catch (const std::runtime_error&) {
    return fail(ErrorKind::kInvalid,
                "unknown_time_zone",
                "not the IANA name of a time zone, such as Europe/Berlin, Asia/Kolkata or UTC");
  }
}

Timestamp TimeZone::start_of(Date day) const {
  return first_at(day, 0);
}

Timestamp TimeZone::first_at(Date day, std::int32_t minute_of_day) const {
  const date::local_days midnight{date::days(day.days)};
  const date::local_time<Micros> wanted = midnight + std::chrono::minutes(minute_of_day);
  // Of a time that occurs twice the earlier one; of one that never occurs the end of the gap.
  return {zone_->to_sys(wanted, date::choose::earliest).time_since_epoch().count()};
}

Timestamp TimeZone::at(Date day, std::int64_t time_of_day_us) const {
  const date::local_time<Micros> local = date::local_days{date::days(day.days)} + Micros(time_of_day_us);
  return {zone_->to_sys(local, date::choose::earliest).time_since_epoch().count()};
}

Date TimeZone::day_of(Timestamp time) const {
  const auto local = zone_->to_local(to_sys(time));
  return {static_cast<std::int32_t>(date::floor<date::days>(local).time_since_epoch().count())};
}

std::int64_t TimeZone::offset_us_at(Timestamp time) const {
  return Micros(zone_->get_info(to_sys(time)).offset).count();
}

bool TimeZone::has_whole_hours(Timestamp from, Timestamp to) const {
  auto at = date::floor<std::chrono::seconds>(to_sys(from));
  while (true) {
    const date::sys_info info = zone_->get_info(at);
    if (info.offset.count() % 3600 != 0) {
      return false;
    }
    if (info.end >= to_sys(to)) {
      return true;
    }
    at = info.end;
  }
}

}  // namespace tallystick::base
