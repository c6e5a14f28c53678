#include "alerts/quiet_hours.h"

#include <gtest/gtest.h>

namespace tallystick::alerts {
namespace {

const std::vector<Weekday> kAllDays = {Weekday::kMonday,
                                       Weekday::kTuesday,
                                       Weekday::kWednesday,
                                       Weekday::kThursday,
                                       Weekday::kFriday,
                                       Weekday::kSaturday,
                                       Weekday::kSunday};

QuietHours hours(std::string_view from, std::string_view to, const std::string& zone = "Europe/Berlin") {
  return {.time_zone = zone,
          .from_minute = parse_time_of_day(from).value(),
          .to_minute = parse_time_of_day(to).value(),
          .days = kAllDays};
}

// The end as RFC 3339, or "" outside.
std::string end_at(const QuietHours& quiet, std::string_view now) {
  const auto end = quiet_until(quiet, base::parse_rfc3339(now).value());
  return !end ? end.error().code : *end ? base::format_rfc3339(**end) : "";
}

TEST(QuietHours, BeginAndEndInTheirZone) {
  const QuietHours quiet = hours("12:00", "13:30");
  EXPECT_EQ(end_at(quiet, "2026-01-15T10:59:59Z"), "");  // 11:59:59 in Berlin
  EXPECT_EQ(end_at(quiet, "2026-01-15T11:00:00Z"), "2026-01-15T12:30:00Z");
  EXPECT_EQ(end_at(quiet, "2026-01-15T12:29:59Z"), "2026-01-15T12:30:00Z");
  EXPECT_EQ(end_at(quiet, "2026-01-15T12:30:00Z"), "");
}

TEST(QuietHours, ReachAcrossMidnight) {
  const QuietHours quiet = hours("22:00", "07:00");
  EXPECT_EQ(end_at(quiet, "2026-01-15T22:30:00Z"), "2026-01-16T06:00:00Z");  // 23:30
  EXPECT_EQ(end_at(quiet, "2026-01-16T03:00:00Z"), "2026-01-16T06:00:00Z");  // 04:00
  EXPECT_EQ(end_at(quiet, "2026-01-16T11:00:00Z"), "");
}

TEST(QuietHours, AreOfTheDayOnWhichTheyBegin) {
  QuietHours quiet = hours("22:00", "07:00", "UTC");
  quiet.days = {Weekday::kFriday};                                           // 2026-01-16 is a Friday
  EXPECT_EQ(end_at(quiet, "2026-01-16T05:00:00Z"), "");                      // of Thursday's
  EXPECT_EQ(end_at(quiet, "2026-01-16T23:00:00Z"), "2026-01-17T07:00:00Z");  // Friday night
  EXPECT_EQ(end_at(quiet, "2026-01-17T05:00:00Z"), "2026-01-17T07:00:00Z");  // still
  EXPECT_EQ(end_at(quiet, "2026-01-17T23:00:00Z"), "");
}

TEST(QuietHours, WholeDaysJoinEachOther) {
  QuietHours quiet = hours("00:00", "24:00");
  quiet.days = {Weekday::kSaturday, Weekday::kSunday};
  EXPECT_EQ(end_at(quiet, "2026-01-17T12:00:00Z"), "2026-01-18T23:00:00Z") << "until Monday begins in Berlin";
  EXPECT_EQ(end_at(quiet, "2026-01-16T22:59:59Z"), "") << "a second before Saturday";
}

TEST(QuietHours, OfTheNightThatLosesAnHourAreShorter) {
  // On 2026-03-29 Berlin goes from 02:00 (01:00Z) to 03:00; 07:00 is 05:00Z then.
  const QuietHours quiet = hours("22:00", "07:00");
  EXPECT_EQ(end_at(quiet, "2026-03-28T21:00:00Z"), "2026-03-29T05:00:00Z");
  EXPECT_EQ(end_at(quiet, "2026-03-29T04:59:59Z"), "2026-03-29T05:00:00Z");
  EXPECT_EQ(end_at(quiet, "2026-03-29T05:00:00Z"), "");
  // 02:30 does not come: the gap's end, 01:00Z, stands for it, at both ends.
  EXPECT_EQ(end_at(hours("22:00", "02:30"), "2026-03-29T00:59:59Z"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(end_at(hours("02:30", "07:00"), "2026-03-29T00:59:59Z"), "");
  EXPECT_EQ(end_at(hours("02:30", "07:00"), "2026-03-29T01:00:00Z"), "2026-03-29T05:00:00Z");
}

TEST(QuietHours, OfTheNightThatGainsAnHourCountTheEarlierOfTwo) {
  // On 2026-10-25 Berlin goes from 03:00 (01:00Z) back to 02:00: 02:30 is 00:30Z and 01:30Z.
  EXPECT_EQ(end_at(hours("22:00", "02:30"), "2026-10-25T00:29:59Z"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(end_at(hours("22:00", "02:30"), "2026-10-25T00:30:00Z"), "");
  EXPECT_EQ(end_at(hours("02:30", "07:00"), "2026-10-25T00:30:00Z"), "2026-10-25T06:00:00Z");
  EXPECT_EQ(end_at(hours("22:00", "07:00"), "2026-10-25T05:59:59Z"), "2026-10-25T06:00:00Z");
}

TEST(QuietHours, SayWhenTheirZoneIsUnknown) {
  EXPECT_EQ(end_at(hours("22:00", "07:00", "Europe/Atlantis"), "2026-01-15T00:00:00Z"), "unknown_time_zone");
}

TEST(QuietHours, TimesOfDayAreReadStrictly) {
  EXPECT_EQ(parse_time_of_day("00:00").value(), 0);
  EXPECT_EQ(parse_time_of_day("23:59").value(), 1439);
  EXPECT_EQ(parse_time_of_day("24:00").value(), 1440);
  for (const char* bad : {"", "7:00", "07:60", "24:01", "25:00", "07-00", "0a:00", "07:00 ", "-1:00"}) {
    EXPECT_FALSE(parse_time_of_day(bad)) << bad;
  }
  EXPECT_EQ(format_time_of_day(425), "07:05");
}

}  // namespace
}  // namespace tallystick::alerts
