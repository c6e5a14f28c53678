#include "jobs/cron.h"

#include <cstdlib>
#include <ctime>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tallystick::jobs {
namespace {

base::Timestamp at(std::string_view text) {
  return base::parse_rfc3339(text).value();
}

base::TimeZone zone(std::string_view name) {
  return base::TimeZone::find(name).value();
}

// The next `count` times after `from`.
std::vector<std::string> times(std::string_view cron, std::string_view zone_name, std::string_view from, int count) {
  const Cron parsed = Cron::parse(cron).value();
  std::vector<std::string> all;
  for (base::Timestamp time = at(from); count > 0; --count) {
    time = parsed.next_after(time, zone(zone_name));
    all.push_back(base::format_rfc3339(time));
  }
  return all;
}

using Times = std::vector<std::string>;

TEST(Cron, NextTimesOfFields) {
  EXPECT_EQ(times("0 3 * * *", "UTC", "2026-01-31T03:00:00Z", 2),
            (Times{"2026-02-01T03:00:00Z", "2026-02-02T03:00:00Z"}));
  EXPECT_EQ(times("*/20 9-10 * * *", "UTC", "2026-01-31T09:30:00Z", 4),
            (Times{"2026-01-31T09:40:00Z", "2026-01-31T10:00:00Z", "2026-01-31T10:20:00Z", "2026-01-31T10:40:00Z"}));
  // 2026-02-02 is a Monday.
  EXPECT_EQ(times("30 8 * * mon-FRI", "UTC", "2026-01-31T00:00:00Z", 1), Times{"2026-02-02T08:30:00Z"});
  EXPECT_EQ(times("0 0 * * 7", "UTC", "2026-01-31T00:00:00Z", 1), Times{"2026-02-01T00:00:00Z"});
  EXPECT_EQ(times("0 0 * * 0", "UTC", "2026-01-31T00:00:00Z", 1), Times{"2026-02-01T00:00:00Z"});
  EXPECT_EQ(times("15 6 1 jan,Jul *", "UTC", "2026-01-31T00:00:00Z", 2),
            (Times{"2026-07-01T06:15:00Z", "2027-01-01T06:15:00Z"}));
  EXPECT_EQ(times("1,2,58 12 10-20/5 3 *", "UTC", "2026-03-10T12:02:00Z", 2),
            (Times{"2026-03-10T12:58:00Z", "2026-03-15T12:01:00Z"}));
}

TEST(Cron, EitherDayWillDoWhenBothAreGiven) {
  // The 13th, or a Friday: 2026-02-06 is one, 2026-02-13 is both.
  EXPECT_EQ(times("0 0 13 * 5", "UTC", "2026-02-01T00:00:00Z", 4),
            (Times{"2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-27T00:00:00Z"}));
}

TEST(Cron, LeapDaysAreFoundAcrossACenturyThatHasNone) {
  EXPECT_EQ(times("0 0 29 2 *", "UTC", "2096-02-29T00:00:00Z", 1), Times{"2104-02-29T00:00:00Z"});
}

TEST(Cron, ASkippedTimeOccursOnceAtTheEndOfTheGap) {
  // Berlin, 2026-03-29: 02:00 to 03:00 does not exist; the gap ends at 01:00 UTC.
  EXPECT_EQ(times("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            (Times{"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"}));
  EXPECT_EQ(times("*/15 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            (Times{"2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}));
  EXPECT_EQ(times("0 * * * *", "Europe/Berlin", "2026-03-28T23:30:00Z", 3),
            (Times{"2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"}));
  // Apia had no 2011-12-30: its noon is made up for when the 31st begins, at 10:00 UTC of the 30th.
  EXPECT_EQ(times("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", 1), Times{"2011-12-30T10:00:00Z"});
}

TEST(Cron, ADoubledTimeOccursOnce) {
  // Berlin, 2026-10-25: 02:00 to 03:00 twice, from 00:00 and from 01:00 UTC.
  EXPECT_EQ(times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            (Times{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}));
  // Asked in the second pass, the first is over.
  EXPECT_EQ(times("30 2 * * *", "Europe/Berlin", "2026-10-25T01:15:00Z", 1), Times{"2026-10-26T01:30:00Z"});
}

TEST(Cron, WhatIsNoExpressionIsRefused) {
  for (const char* text : {"",
                           "* * * *",
                           "* * * * * *",
                           "60 * * * *",
                           "-1 * * * *",
                           "* 24 * * *",
                           "* * 0 * *",
                           "* * 32 * *",
                           "* * * 13 *",
                           "* * * * 8",
                           "*/0 * * * *",
                           "*/ * * * *",
                           "5/10 * * * *",
                           "5-1 * * * *",
                           "1,,2 * * * *",
                           "1- * * * *",
                           "a * * * *",
                           "* * * * monday",
                           "0 0 31 2 *",
                           "0 0 31 4,6,9,11 *",
                           "@daily",
                           "99999999999999999999 * * * *"}) {
    const auto parsed = Cron::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "bad_cron");
  }
  EXPECT_FALSE(Cron::parse(std::string(kMaxCronBytes, ' ') + "* * * * *"));
  EXPECT_TRUE(Cron::parse("0 0 31 2 mon")) << "a Monday in February will do";
}

// The C library knows the same zones and shares no code with ours: what clocks show, minute by minute.
class WallClock {
 public:
  explicit WallClock(const std::string& name) {
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
  }
  ~WallClock() {
    ::unsetenv("TZ");
    ::tzset();
  }
  [[nodiscard]] std::tm show(std::int64_t minute) const {
    const std::time_t seconds = minute * 60;
    std::tm shown{};
    ::localtime_r(&seconds, &shown);
    return shown;
  }
};

struct Wanted {
  int minute_step;
  int hour;
  int week_day;  // -1: any

  [[nodiscard]] std::string text() const {
    return "*/" + std::to_string(minute_step) + " " + std::to_string(hour) + " * * " +
           (week_day < 0 ? "*" : std::to_string(week_day));
  }
  [[nodiscard]] bool has(const std::tm& shown) const {
    return shown.tm_min % minute_step == 0 && shown.tm_hour == hour && (week_day < 0 || shown.tm_wday == week_day);
  }
};

// A minute of the calendar without a zone, for going over what clocks skipped.
std::int64_t calendar_minute(std::tm shown) {
  return ::timegm(&shown) / 60;
}

std::tm calendar(std::int64_t minute) {
  const std::time_t seconds = minute * 60;
  std::tm shown{};
  ::gmtime_r(&seconds, &shown);
  return shown;
}

RC_GTEST_PROP(CronProperty, FiresWhenClocksFirstReachOrPassAWantedMinute, ()) {
  const auto name = *rc::gen::element<std::string>("Europe/Berlin",
                                                   "America/New_York",
                                                   "America/Havana",
                                                   "Australia/Lord_Howe",
                                                   "Asia/Kolkata",
                                                   "Africa/Casablanca",
                                                   "America/Sao_Paulo",
                                                   "Pacific/Apia",
                                                   "Asia/Beirut",
                                                   "UTC");
  const Wanted wanted{*rc::gen::element(1, 7, 15, 30, 59), *rc::gen::inRange(0, 24), *rc::gen::inRange(-1, 7)};
  // 2008 to 2026, begun anywhere; ten days hold a change of the clocks in about one run of ten.
  const std::int64_t start = *rc::gen::inRange<std::int64_t>(20'000'000, 29'500'000);
  constexpr std::int64_t kMinutes = std::int64_t{10} * 24 * 60;
  std::vector<std::int64_t> expected;
  {
    const WallClock clock(name);
    std::int64_t reached = 0;  // the latest that clocks have shown
    for (std::int64_t minute = start - 3 * 24 * 60; minute < start + kMinutes; ++minute) {
      const std::int64_t shown = calendar_minute(clock.show(minute));
      if (reached == 0) {
        reached = shown - 1;
      }
      bool is_wanted = false;
      for (; reached < shown; ++reached) {
        is_wanted = is_wanted || wanted.has(calendar(reached + 1));
      }
      if (is_wanted && minute > start) {
        expected.push_back(minute);
      }
    }
  }
  const Cron cron = Cron::parse(wanted.text()).value();
  const base::TimeZone its_zone = zone(name);
  std::vector<std::int64_t> found;
  base::Timestamp time{start * base::kMicrosPerMinute};
  while (true) {
    time = cron.next_after(time, its_zone);
    if (time.us >= (start + kMinutes) * base::kMicrosPerMinute) {
      break;
    }
    found.push_back(time.us / base::kMicrosPerMinute);
  }
  RC_ASSERT(found == expected);
}

RC_GTEST_PROP(CronProperty, AnyTimeHasANextOneThatLiesBehindIt, ()) {
  const auto number = [](int least, int most) {
    return std::to_string(*rc::gen::inRange(least, most + 1));
  };
  const std::string text = number(0, 59) + " " + number(0, 23) + " " + number(1, 28) + " " + number(1, 12) + " *";
  const base::Timestamp from{*rc::gen::inRange<std::int64_t>(0, 4'000'000'000) * base::kMicrosPerSecond};
  const base::Timestamp next = Cron::parse(text).value().next_after(from, zone("Europe/Berlin"));
  RC_ASSERT(next > from);
  RC_ASSERT(next - from <= 367 * base::kMicrosPerDay);
}

}  // namespace
}  // namespace tallystick::jobs
