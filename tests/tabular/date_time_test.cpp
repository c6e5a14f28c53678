#include "tabular/date_time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tallystick::tabular {
namespace {

const base::TimeZone kUtc = *base::TimeZone::find("UTC");
const base::TimeZone kBerlin = *base::TimeZone::find("Europe/Berlin");
const base::TimeZone kLosAngeles = *base::TimeZone::find("America/Los_Angeles");

std::string read(std::string_view format, std::string_view text, const base::TimeZone& zone = kUtc) {
  const auto time = DateFormat::compile(format)->parse(text);
  return time ? base::format_rfc3339(to_timestamp(*time, zone)) : "";
}

TEST(Dates, AreReadAsEachNetworkWritesThem) {
  EXPECT_EQ(read("%m/%d/%Y", "11/03/2026"), "2026-11-03T00:00:00Z");
  EXPECT_EQ(read("%m/%d/%y", "1/5/26"), "2026-01-05T00:00:00Z");
  EXPECT_EQ(read("%m/%d/%y", "1/5/99"), "1999-01-05T00:00:00Z");
  EXPECT_EQ(read("%d-%b-%Y %H:%M:%S", "05-Nov-2026 23:59:58"), "2026-11-05T23:59:58Z");
  EXPECT_EQ(read("%d-%b-%Y[ %H:%M:%S]", "05-NOV-2026"), "2026-11-05T00:00:00Z");
  EXPECT_EQ(read("%b %d, %Y", "November 5, 2026"), "2026-11-05T00:00:00Z");
  EXPECT_EQ(read("%m/%d/%Y %I:%M:%S %p", "11/05/2026 12:00:01 AM"), "2026-11-05T00:00:01Z");
  EXPECT_EQ(read("%m/%d/%Y %I:%M:%S %p", "11/05/2026 12:00:01 pm"), "2026-11-05T12:00:01Z");
  EXPECT_EQ(read("%m/%d/%Y %I:%M:%S %p", "11/05/2026 01:02:03 PM"), "2026-11-05T13:02:03Z");
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S%z", "2026-11-05T10:00:00+02:00"), "2026-11-05T08:00:00Z");
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S%z", "2026-11-05T10:00:00.25-0730"), "2026-11-05T17:30:00.250000Z");
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S%z", "2026-11-05T10:00:00Z"), "2026-11-05T10:00:00Z");
  EXPECT_EQ(read("%Y-%m-%d[ %H:%M:%S]", " 2026-02-28 "), "2026-02-28T00:00:00Z");
}

TEST(Dates, WhatIsNotWrittenSoIsRefused) {
  for (const char* text :
       {"", "13/01/2026", "02/30/2026", "0/1/2026", "11/05/26", "11/05/2026x", "11-05-2026", "1/1/1969"}) {
    EXPECT_EQ(read("%m/%d/%Y", text), "") << text;
  }
  EXPECT_EQ(read("%m/%d/%Y %I:%M %p", "11/05/2026 13:00 PM"), "");
  EXPECT_EQ(read("%m/%d/%Y %I:%M %p", "11/05/2026 00:30 AM"), "");
  EXPECT_EQ(read("%m/%d/%Y %H:%M:%S", "11/05/2026 24:00:00"), "");
}

TEST(Dates, ClockTimesThatAZoneSkipsOrRepeatsHaveOneMeaning) {
  // Berlin, 29 March 2026: 02:00 to 03:00 does not exist; the end of the gap is 01:00 UTC.
  EXPECT_EQ(read("%Y-%m-%d %H:%M", "2026-03-29 02:30", kBerlin), "2026-03-29T01:00:00Z");
  EXPECT_EQ(read("%Y-%m-%d %H:%M", "2026-03-29 03:00", kBerlin), "2026-03-29T01:00:00Z");
  // 25 October 2026: 02:30 comes twice, first in summer time.
  EXPECT_EQ(read("%Y-%m-%d %H:%M", "2026-10-25 02:30", kBerlin), "2026-10-25T00:30:00Z");
  EXPECT_EQ(read("%m/%d/%Y", "11/01/2026", kLosAngeles), "2026-11-01T07:00:00Z");
  EXPECT_EQ(read("%m/%d/%Y", "11/02/2026", kLosAngeles), "2026-11-02T08:00:00Z");
}

TEST(Dates, FormatsThatMakeNoDayAreRefused) {
  for (const char* format : {"", "%H:%M", "%Y-%m", "%Q-%d", "%d%"}) {
    EXPECT_FALSE(DateFormat::compile(format)) << format;
  }
}

FormatChooser make_chooser() {
  return FormatChooser({*DateFormat::compile("%m/%d/%Y"), *DateFormat::compile("%d/%m/%Y")});
}

TEST(FormatChoosers, OneValueThatFitsOnlyOneFormatDecidesTheColumn) {
  FormatChooser chooser = make_chooser();
  chooser.observe("02/03/2026");
  EXPECT_EQ(chooser.chosen().text(), "%m/%d/%Y");
  ASSERT_NE(chooser.rival(), nullptr);
  chooser.observe("25/03/2026");
  EXPECT_EQ(chooser.chosen().text(), "%d/%m/%Y");
  EXPECT_EQ(chooser.rival(), nullptr);
}

TEST(FormatChoosers, WhatFitsNoFormatDecidesNothing) {
  FormatChooser chooser = make_chooser();
  chooser.observe("rubbish");
  chooser.observe("12/31/2026");
  EXPECT_EQ(chooser.chosen().text(), "%m/%d/%Y");
}

RC_GTEST_PROP(DateProperties, EveryMinuteIsReadBack, ()) {
  const auto minutes = *rc::gen::inRange<std::int64_t>(0, 60LL * 24 * 365 * 100);
  const base::Timestamp time{minutes * base::kMicrosPerMinute};
  const std::string text = base::format_rfc3339(time);  // 2026-11-05T10:00:00Z
  const std::string day = text.substr(0, 10);
  const int hour = std::stoi(text.substr(11, 2));
  const std::string twelve = fmt::format("{}/{}/{} {}:{} {}",
                                         std::stoi(day.substr(5, 2)),
                                         std::stoi(day.substr(8, 2)),
                                         day.substr(0, 4),
                                         hour % 12 == 0 ? 12 : hour % 12,
                                         text.substr(14, 2),
                                         hour < 12 ? "AM" : "PM");
  RC_ASSERT(read("%m/%d/%Y %I:%M %p", twelve) == text);
  RC_ASSERT(read("%Y-%m-%dT%H:%M:%S%z", text) == text);
}

}  // namespace
}  // namespace tallystick::tabular
