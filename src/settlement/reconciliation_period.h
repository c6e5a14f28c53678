#pragma once
// The days of a reconciliation and the span of time that is loaded around them. Pure.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "base/time_zone.h"

namespace tallystick::settlement {

inline constexpr std::int32_t kMaxReconciliationDays = 100;

// Days, both included.
struct Days {
  base::Date from;
  base::Date to;

  friend bool operator==(const Days&, const Days&) = default;
};

// Two dates, in order, at most kMaxReconciliationDays. Error code: "bad_period".
[[nodiscard]] base::Result<Days> parse_days(std::string_view from, std::string_view to);
// "2026-10": all its days. Error code: "bad_month".
[[nodiscard]] base::Result<Days> parse_month(std::string_view month);
// All days of the month that the day is in.
[[nodiscard]] Days month_of(base::Date day);
[[nodiscard]] Days month_before(const Days& month);

// [from, to)
struct Span {
  base::Timestamp from;
  base::Timestamp to;

  friend bool operator==(const Span&, const Span&) = default;
};

[[nodiscard]] Span span_of(const Days& days, const base::TimeZone& zone);
// So many days more on both sides.
[[nodiscard]] Span widen(const Span& span, std::int64_t margin_days);

}  // namespace tallystick::settlement
