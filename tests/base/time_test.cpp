#include "base/time.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tallystick::base {
namespace {

// Values from `date -u -d ... +%s`.
TEST(Time, ReadsRfc3339WithAnyOffset) {
  struct Case {
    std::string_view text;
    std::int64_t us;
  };
  const std::vector<Case> cases = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:00.000001Z", 1},
      {"2000-02-29T23:59:59Z", 951'868'799'000'000},
      {"2026-11-21T04:22:01.123456Z", 1'795'234'921'123'456},
      {"2026-11-21t04:22:01.123456z", 1'795'234'921'123'456},
      {"2026-11-21 04:22:01.123456Z", 1'795'234'921'123'456},
      {"2026-11-21T06:22:01.123456+02:00", 1'795'234'921'123'456},
      {"2026-11-20T22:52:01.123456-05:30", 1'795'234'921'123'456},
      {"2026-11-21T04:22:01.1Z", 1'795'234'921'100'000},
      {"2026-11-21T04:22:01.123456789Z", 1'795'234'921'123'456},
      {"1970-01-01T01:00:00+01:00", 0},
      {"9999-12-31T23:59:59Z", 253'402'300'799'000'000},
      {"2016-12-31T23:59:60Z", 1'483'228'800'000'000},
  };
  for (const Case& c : cases) {
    const auto time = parse_rfc3339(c.text);
    ASSERT_TRUE(time) << c.text;
    EXPECT_EQ(time->us, c.us) << c.text;
  }
}

TEST(Time, RefusesWhatIsNoRfc3339Time) {
  for (const std::string_view text : {"",
                                      "2026",
                                      "2026-11-21",
                                      "2026-11-21T04:22:01",
                                      "2026-11-21T04:22Z",
                                      "2026-02-29T00:00:00Z",
                                      "1900-01-01T00:00:00Z",
                                      "1969-12-31T23:59:59Z",
                                      "1970-01-01T00:00:00+00:01",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-01-00T00:00:00Z",
                                      "2026-01-32T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:61Z",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00.1234567890Z",
                                      "2026-01-01T00:00:00+24:00",
                                      "2026-01-01T00:00:00+01:60",
                                      "2026-01-01T00:00:00+0100",
                                      "2026-01-01T00:00:00+01",
                                      "2026-01-01T00:00:00ZZ",
                                      "2026-01-01T00:00:00 Z",
                                      " 2026-01-01T00:00:00Z",
                                      "2026/01/01T00:00:00Z",
                                      "2026-01-01X00:00:00Z",
                                      "+026-01-01T00:00:00Z",
                                      "2026-01-01T-1:00:00Z"}) {
    const auto time = parse_rfc3339(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, "bad_timestamp");
  }
}

TEST(Time, WhatFourDigitsOfAYearCannotSayIsWrittenAsTheNearestTime) {
  EXPECT_EQ(format_rfc3339({INT64_MIN}), "0001-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339({-62'135'596'800'000'001}), "0001-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339({INT64_MAX}), "9999-12-31T23:59:59.999999Z");
}

TEST(Time, LeavesOutAFractionOfZero) {
  EXPECT_EQ(format_rfc3339({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339({1}), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_rfc3339({1'795'234'921'123'456}), "2026-11-21T04:22:01.123456Z");
  EXPECT_EQ(format_rfc3339({-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(Time, WhatIsWrittenIsRead) {
  EXPECT_TRUE(rc::check([] {
    const Timestamp time{*rc::gen::inRange<std::int64_t>(0, 253'402'300'800'000'000)};
    const auto parsed = parse_rfc3339(format_rfc3339(time));
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == time);
  }));
}

TEST(Time, TheManualClockStandsStillUntilMoved) {
  ManualClock clock({1'000});
  EXPECT_EQ(clock.now(), (Timestamp{1'000}));
  clock.advance_us(5);
  EXPECT_EQ(clock.now() - Timestamp{1'000}, 5);
  clock.set({7});
  EXPECT_EQ(clock.now().us, 7);
}

TEST(Time, TheSystemClockIsMonotonic) {
  const SystemClock clock;
  std::int64_t last = clock.monotonic_us();
  for (int i = 0; i < 1'000; ++i) {
    const std::int64_t now = clock.monotonic_us();
    ASSERT_GE(now, last);
    last = now;
  }
  EXPECT_GT(clock.now(), *parse_rfc3339("2024-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace tallystick::base
