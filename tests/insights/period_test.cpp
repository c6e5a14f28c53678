#include "insights/period.h"

#include <gtest/gtest.h>

namespace tallystick::insights {
namespace {

base::Timestamp at(std::string_view text) {
  return base::parse_rfc3339(text).value();
}

const base::Timestamp kNow = at("2026-11-20T12:00:00Z");

std::string range_of(const PeriodText& text, std::string_view zone = "UTC") {
  const auto period = parse_period(text, zone, kNow);
  return period ? base::format_rfc3339(period->range.from) + " " + base::format_rfc3339(period->range.to)
                : period.error().code;
}

TEST(Period, IsTheLastSevenDaysOfTheZoneWhenNothingIsSaid) {
  EXPECT_EQ(range_of({}), "2026-11-14T00:00:00Z 2026-11-21T00:00:00Z");
  EXPECT_EQ(range_of({}, "Europe/Berlin"), "2026-11-13T23:00:00Z 2026-11-20T23:00:00Z");
  // 12:00 UTC is already the 21st in Auckland (UTC+13).
  EXPECT_EQ(range_of({}, "Pacific/Auckland"), "2026-11-14T11:00:00Z 2026-11-21T11:00:00Z");
}

TEST(Period, CountsDaysBackFromToday) {
  EXPECT_EQ(range_of({.days = "1"}), "2026-11-20T00:00:00Z 2026-11-21T00:00:00Z");
  EXPECT_EQ(range_of({.days = "30"}), "2026-10-22T00:00:00Z 2026-11-21T00:00:00Z");
  EXPECT_EQ(range_of({.days = "400", .time_zone = "Europe/Berlin"}), "2025-10-16T22:00:00Z 2026-11-20T23:00:00Z");
  for (const char* wrong : {"0", "401", "-1", "7d", " 7", "99999999999999999999"}) {
    EXPECT_EQ(range_of({.days = wrong}), "bad_period") << wrong;
  }
}

TEST(Period, TakesBothDaysAsWholeDaysOfTheZone) {
  EXPECT_EQ(range_of({.from = "2026-11-01", .to = "2026-11-01"}), "2026-11-01T00:00:00Z 2026-11-02T00:00:00Z");
  // The day of 25 hours, and that of 23.
  EXPECT_EQ(range_of({.from = "2026-10-25", .to = "2026-10-25", .time_zone = "Europe/Berlin"}),
            "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z");
  EXPECT_EQ(range_of({.from = "2026-03-29", .to = "2026-03-29", .time_zone = "Europe/Berlin"}),
            "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z");
  EXPECT_EQ(range_of({.from = "2026-11-18", .time_zone = "Asia/Kolkata"}), "2026-11-17T18:30:00Z 2026-11-20T18:30:00Z");
  EXPECT_EQ(range_of({.to = "2026-11-10"}), "2026-11-04T00:00:00Z 2026-11-11T00:00:00Z");
}

TEST(Period, TakesMomentsAsTheyAre) {
  EXPECT_EQ(range_of({.from = "2026-11-18T18:30:00+05:30", .to = "2026-11-19T00:00:00.5Z"}),
            "2026-11-18T13:00:00Z 2026-11-19T00:00:00.500000Z");
  EXPECT_EQ(range_of({.from = "2026-11-18T10:00:00Z", .to = "2026-11-18"}),
            "2026-11-18T10:00:00Z 2026-11-19T00:00:00Z");
}

TEST(Period, RefusesWhatIsNone) {
  EXPECT_EQ(range_of({.from = "2026-11-02", .to = "2026-11-01"}), "bad_period");
  EXPECT_EQ(range_of({.from = "2026-11-18T10:00:00Z", .to = "2026-11-18T10:00:00Z"}), "bad_period");
  EXPECT_EQ(range_of({.from = "yesterday"}), "bad_period");
  EXPECT_EQ(range_of({.from = "2026-11-01", .days = "3"}), "bad_period");
  EXPECT_EQ(range_of({.time_zone = "Mars/Olympus"}), "unknown_time_zone");
  EXPECT_EQ(range_of({.from = "2025-01-01", .to = "2026-02-04"}), "2025-01-01T00:00:00Z 2026-02-05T00:00:00Z");
  EXPECT_EQ(range_of({.from = "2025-01-01", .to = "2026-02-05"}), "bad_period") << "401 days";
  EXPECT_EQ(range_of({.from = "2100-01-01", .to = "2100-01-02"}), "bad_period");
  EXPECT_EQ(range_of({.from = "1970-01-01", .to = "1970-01-02", .time_zone = "Europe/Berlin"}), "bad_period");
}

TEST(Period, ListsTheDaysThatItTouches) {
  const auto days = [](const PeriodText& text) {
    std::string list;
    for (const base::Date day : days_of(parse_period(text, "UTC", kNow).value())) {
      list += base::format_date(day) + " ";
    }
    return list;
  };
  EXPECT_EQ(days({.from = "2026-10-24", .to = "2026-10-26", .time_zone = "Europe/Berlin"}),
            "2026-10-24 2026-10-25 2026-10-26 ");
  EXPECT_EQ(days({.from = "2026-11-18T23:59:59Z", .to = "2026-11-19T00:00:00.000001Z"}), "2026-11-18 2026-11-19 ");
  EXPECT_EQ(days({.from = "2026-11-18T23:59:59Z", .to = "2026-11-19T00:00:00Z"}), "2026-11-18 ");
}

TEST(Pieces, AreWholeUnitsAndTwoEdges) {
  const Range range{at("2026-11-18T12:30:00Z"), at("2026-11-20T01:00:00Z")};
  const Pieces days = cut(range, base::kMicrosPerDay);
  EXPECT_EQ(days.whole, (Range{at("2026-11-19T00:00:00Z"), at("2026-11-20T00:00:00Z")}));
  EXPECT_EQ(days.edges[0], (Range{range.from, at("2026-11-19T00:00:00Z")}));
  EXPECT_EQ(days.edges[1], (Range{at("2026-11-20T00:00:00Z"), range.to}));
  const Pieces hours = cut(range, base::kMicrosPerHour);
  EXPECT_EQ(hours.whole, (Range{at("2026-11-18T13:00:00Z"), range.to}));
  EXPECT_TRUE(hours.edges[1].is_empty());
}

TEST(Pieces, WithoutAWholeUnitAllIsEdge) {
  const Range inside{at("2026-11-18T12:30:00Z"), at("2026-11-18T12:40:00Z")};
  const Range across{at("2026-11-18T12:30:00Z"), at("2026-11-18T13:40:00Z")};
  for (const Range& range : {inside, across}) {
    const Pieces pieces = cut(range, base::kMicrosPerHour);
    EXPECT_TRUE(pieces.whole.is_empty());
    EXPECT_EQ(pieces.edges[0], range);
    EXPECT_TRUE(pieces.edges[1].is_empty());
  }
  const Range aligned{at("2026-11-18T12:00:00Z"), at("2026-11-18T13:00:00Z")};
  const Pieces pieces = cut(aligned, base::kMicrosPerHour);
  EXPECT_EQ(pieces.whole, aligned);
  EXPECT_TRUE(pieces.edges[0].is_empty() && pieces.edges[1].is_empty());
}

TEST(Pieces, WeeksBeginOnMonday) {
  const auto weeks = [](std::string_view from, std::string_view to) {
    const Range days{at(from), at(to)};
    const Pieces pieces = coverage_of({base::TimeZone::find("UTC").value(), days}).weeks;
    return pieces.whole.is_empty()
               ? std::string("none")
               : base::format_rfc3339(pieces.whole.from).substr(0, 10) + " " +
                     base::format_rfc3339(pieces.whole.to).substr(0, 10) + (pieces.has_edges() ? " and days" : "");
  };
  // 2026-11-16 was a Monday.
  EXPECT_EQ(weeks("2026-11-09T00:00:00Z", "2026-11-23T00:00:00Z"), "2026-11-09 2026-11-23");
  EXPECT_EQ(weeks("2026-11-08T00:00:00Z", "2026-11-23T00:00:00Z"), "2026-11-09 2026-11-23 and days");
  EXPECT_EQ(weeks("2026-11-08T22:00:00Z", "2026-11-17T03:00:00Z"), "2026-11-09 2026-11-16 and days");
  EXPECT_EQ(weeks("2026-11-10T00:00:00Z", "2026-11-22T00:00:00Z"), "none") << "twelve days, no week among them";
  EXPECT_EQ(weeks("2026-11-09T00:00:01Z", "2026-11-16T00:00:00Z"), "none") << "a second of its Monday is missing";
  EXPECT_EQ(weeks("2026-11-09T10:00:00Z", "2026-11-09T11:00:00Z"), "none") << "no whole day";
  EXPECT_EQ(weeks("1970-01-05T00:00:00Z", "1970-01-12T00:00:00Z"), "1970-01-05 1970-01-12");
}

// A source that need not look at edges leaves them out of its statement.
TEST(Coverage, HasEdgesOnlyWhereThePeriodIsNotWholeInUtc) {
  const auto coverage = [](const PeriodText& text) {
    return coverage_of(parse_period(text, "UTC", kNow).value());
  };
  const Coverage utc = coverage({.days = "30"});
  EXPECT_FALSE(utc.hours.has_edges());
  EXPECT_FALSE(utc.days.has_edges());
  const Coverage berlin = coverage({.days = "30", .time_zone = "Europe/Berlin"});
  EXPECT_FALSE(berlin.hours.has_edges());
  EXPECT_TRUE(berlin.days.has_edges());
  const Coverage kolkata = coverage({.days = "30", .time_zone = "Asia/Kolkata"});
  EXPECT_TRUE(kolkata.hours.has_edges());
  EXPECT_FALSE(kolkata.has_local_hours) << "they begin at half past";
  EXPECT_TRUE(berlin.has_local_hours);
  EXPECT_TRUE(kolkata.days.has_edges());
  EXPECT_FALSE(kolkata.days.whole.is_empty());
  const Coverage moments = coverage({.from = "2026-11-01T00:00:00Z", .to = "2026-11-03T12:30:00Z"});
  EXPECT_TRUE(moments.hours.has_edges());
  EXPECT_TRUE(moments.hours.edges[0].is_empty());
  EXPECT_EQ(base::format_rfc3339(moments.hours.edges[1].from), "2026-11-03T12:00:00Z");
}

}  // namespace
}  // namespace tallystick::insights
