#include "base/time_zone.h"

#include <gtest/gtest.h>

namespace tallystick::base {
namespace {

Timestamp at(std::string_view text) {
  return parse_rfc3339(text).value();
}

TimeZone zone(std::string_view name) {
  return TimeZone::find(name).value();
}

Date day(std::string_view text) {
  return parse_date(text).value();
}

TEST(Date, ReadsAndWritesCalendarDays) {
  EXPECT_EQ(day("1970-01-01").days, 0);
  EXPECT_EQ(day("2000-02-29").days, 11'016);
  EXPECT_EQ(day("2026-11-21").days, 20'778);  // date -u -d 2026-11-21 +%s, divided by 86400
  EXPECT_EQ(format_date(day("2024-12-31") + 1), "2025-01-01");
  EXPECT_EQ(format_date(day("2024-02-28") + 1), "2024-02-29");
  for (const std::string_view wrong :
       {"", "2026-1-1", "2026-02-29", "2026-13-01", "1969-12-31", "2026-11-21Z", "2026/11/21"}) {
    const auto date = parse_date(wrong);
    ASSERT_FALSE(date) << wrong;
    EXPECT_EQ(date.error().code, "bad_date");
  }
}

TEST(TimeZone, KnowsIanaNamesOnly) {
  EXPECT_TRUE(TimeZone::find("UTC"));
  EXPECT_TRUE(TimeZone::find("Europe/Berlin"));
  for (const std::string_view wrong :
       {"", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "+02:00", "europe/berlin"}) {
    const auto found = TimeZone::find(wrong);
    ASSERT_FALSE(found) << wrong;
    EXPECT_EQ(found.error().code, "unknown_time_zone");
  }
}

// Berlin leaves summer time on 2026-10-25 and enters it on 2026-03-29.
TEST(TimeZone, DaysOfTheChangeHaveTwentyThreeAndTwentyFiveHours) {
  const TimeZone berlin = zone("Europe/Berlin");
  EXPECT_EQ(berlin.start_of(day("2026-10-25")), at("2026-10-24T22:00:00Z"));
  EXPECT_EQ(berlin.start_of(day("2026-10-26")), at("2026-10-25T23:00:00Z"));
  EXPECT_EQ(berlin.start_of(day("2026-03-29")), at("2026-03-28T23:00:00Z"));
  EXPECT_EQ(berlin.start_of(day("2026-03-30")), at("2026-03-29T22:00:00Z"));
  EXPECT_EQ(berlin.day_of(at("2026-10-25T22:59:59.999999Z")), day("2026-10-25"));
  EXPECT_EQ(berlin.day_of(at("2026-10-25T23:00:00Z")), day("2026-10-26"));
}

TEST(TimeZone, SaysHowFarItsClocksAreFromUtc) {
  const TimeZone berlin = zone("Europe/Berlin");
  EXPECT_EQ(berlin.offset_us_at(at("2026-10-25T00:59:59Z")), 2 * kMicrosPerHour);
  EXPECT_EQ(berlin.offset_us_at(at("2026-10-25T01:00:00Z")), kMicrosPerHour);
  EXPECT_EQ(zone("Asia/Kolkata").offset_us_at(at("2026-10-25T01:00:00Z")), 330 * kMicrosPerMinute);
  EXPECT_EQ(zone("America/New_York").offset_us_at(at("2026-01-01T00:00:00Z")), -5 * kMicrosPerHour);
}

// Beirut went from 2022-03-26 24:00 (UTC+2) straight to 01:00.
TEST(TimeZone, ADayWithoutMidnightBeginsAfterTheGap) {
  const TimeZone beirut = zone("Asia/Beirut");
  EXPECT_EQ(beirut.start_of(day("2022-03-27")), at("2022-03-26T22:00:00Z"));
  EXPECT_EQ(beirut.start_of(day("2022-03-28")), at("2022-03-27T21:00:00Z"));
}

TEST(TimeZone, SaysWhetherItsHoursAreHoursOfUtc) {
  const Timestamp from = at("2026-03-01T00:00:00Z");
  const Timestamp to = at("2026-05-01T00:00:00Z");
  EXPECT_TRUE(zone("UTC").has_whole_hours(from, to));
  EXPECT_TRUE(zone("Europe/Berlin").has_whole_hours(from, to));
  EXPECT_FALSE(zone("Asia/Kolkata").has_whole_hours(from, to));
  EXPECT_FALSE(zone("Asia/Kathmandu").has_whole_hours(from, to));
  // Lord Howe: UTC+11 in summer, UTC+10:30 from 2026-04-04T15:00Z.
  const TimeZone lord_howe = zone("Australia/Lord_Howe");
  EXPECT_TRUE(lord_howe.has_whole_hours(from, at("2026-04-04T15:00:00Z")));
  EXPECT_FALSE(lord_howe.has_whole_hours(from, at("2026-04-04T15:00:00.000001Z")));
}

}  // namespace
}  // namespace tallystick::base
