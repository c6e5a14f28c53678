#pragma once
// The period of a report: days of a time zone or moments, always [from, to); and how it is read: whole hours or days of
// UTC from the aggregates, the edges from the events. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/time_zone.h"

namespace tallystick::insights {

inline constexpr std::int64_t kDefaultPeriodDays = 7;
inline constexpr std::int64_t kMaxPeriodDays = 400;

// [from, to); empty when they are equal.
struct Range {
  base::Timestamp from;
  base::Timestamp to;

  [[nodiscard]] bool is_empty() const { return from >= to; }
  friend bool operator==(const Range&, const Range&) = default;
};

struct Period {
  base::TimeZone zone;
  Range range;
  // The first and the last day when the period was given in days.
  std::optional<base::Date> first_day = {};
  std::optional<base::Date> last_day = {};
};

// As a request says it; empty: not said.
struct PeriodText {
  std::string from = {};  // "2026-01-31" or RFC 3339
  std::string to = {};    // the last day, inclusive; or the moment before which the period ends
  std::string days = {};  // "30": so many days of the zone, today the last of them
  std::string time_zone = {};
};

// Error codes: "bad_period" (malformed, backwards, longer than kMaxPeriodDays, `days` beside `from` or `to`),
// "unknown_time_zone".
[[nodiscard]] base::Result<Period> parse_period(const PeriodText& text,
                                                std::string_view default_zone,
                                                base::Timestamp now);

// Every day of the zone that the period touches.
[[nodiscard]] std::vector<base::Date> days_of(const Period& period);

// A range cut where units of UTC begin: the whole units, and what is left before and behind them.
struct Pieces {
  Range whole;
  std::array<Range, 2> edges;

  [[nodiscard]] bool has_edges() const { return !edges[0].is_empty() || !edges[1].is_empty(); }
  friend bool operator==(const Pieces&, const Pieces&) = default;
};
// `offset_us` after 1970-01-01T00:00:00Z a unit began.
[[nodiscard]] Pieces cut(const Range& range, std::int64_t unit_us, std::int64_t offset_us = 0);
// Nothing whole: all of it is read from the events.
[[nodiscard]] Pieces uncut(const Range& range);

// How a period is read from hourly, daily and weekly aggregates.
struct Coverage {
  Pieces hours;
  Pieces days;
  Pieces weeks;  // of the whole days, from Monday to Monday
  // Whether the zone's hours are those of UTC: else hourly aggregates cannot say what fell on which of its hours or
  // days.
  bool has_local_hours = true;
};
[[nodiscard]] Coverage coverage_of(const Period& period);

}  // namespace tallystick::insights
