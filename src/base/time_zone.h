#pragma once
// Calendar days and IANA time zones: where a day of a zone begins, which day a moment belongs to. A day may have 23,
// 24, 25 hours or none of these; midnight may not exist. The rules come from the system's tzdata. Thread-safe.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace date {
class time_zone;  // NOLINT(readability-identifier-naming): the library's
}

namespace tallystick::base {

// A day of the proleptic Gregorian calendar, in no zone.
struct Date {
  std::int32_t days = 0;  // since 1970-01-01

  friend constexpr auto operator<=>(Date, Date) = default;
  friend constexpr Date operator+(Date date, std::int32_t count) { return {date.days + count}; }
  friend constexpr std::int32_t operator-(Date a, Date b) { return a.days - b.days; }
};

// Nothing when there is no such day; years 1970 to 9999.
[[nodiscard]] std::optional<Date> find_date(int year, int month, int day);
// "2026-01-31", years 1970 to 9999. Error code: "bad_date".
[[nodiscard]] Result<Date> parse_date(std::string_view text);
[[nodiscard]] std::string format_date(Date date);

class TimeZone {
 public:
  // "Europe/Berlin", "UTC". Error code: "unknown_time_zone".
  [[nodiscard]] static Result<TimeZone> find(std::string_view name);

  [[nodiscard]] const std::string& name() const { return name_; }
  // The first moment of the day; where clocks skip midnight, the moment after the gap.
  [[nodiscard]] Timestamp start_of(Date day) const;
  // The moment at which clocks of the zone show so much since midnight: of a time that they skip the end of the gap, of
  // one that occurs twice the earlier.
  [[nodiscard]] Timestamp at(Date day, std::int64_t time_of_day_us) const;
  [[nodiscard]] Date day_of(Timestamp time) const;
  // What its clocks show at that moment less what those of UTC show.
  [[nodiscard]] std::int64_t offset_us_at(Timestamp time) const;
  // When clocks first show this time of the day; where they skip it, the moment after the gap. Never goes back with a
  // later time of the clock.
  [[nodiscard]] Timestamp first_at(Date day, std::int32_t minute_of_day) const;
  // Whether every offset from UTC in [from, to) is of whole hours, so that the hours of the zone are hours of UTC.
  [[nodiscard]] bool has_whole_hours(Timestamp from, Timestamp to) const;

 private:
  TimeZone(std::string name, const date::time_zone* zone) : name_(std::move(name)), zone_(zone) {}

  std::string name_;
  const date::time_zone* zone_;  // of the library's table, which lives as long as the process
};

}  // namespace tallystick::base
