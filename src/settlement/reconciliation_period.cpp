#include "settlement/reconciliation_period.h"

#include <fmt/format.h>

namespace tallystick::settlement {
namespace {

constexpr std::int32_t kLongestMonthDays = 31;

base::Date first_of_month(base::Date day) {
  std::string text = base::format_date(day);
  text.replace(8, 2, "01");
  return base::parse_date(text).value();
}

}  // namespace

base::Result<Days> parse_days(std::string_view from, std::string_view to) {
  const auto first = base::parse_date(from);
  const auto last = base::parse_date(to);
  if (!first || !last || *last < *first || *last - *first >= kMaxReconciliationDays) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_period",
                      fmt::format("from and to are dates such as 2026-10-01, both included, at most {} days",
                                  kMaxReconciliationDays));
  }
  return Days{*first, *last};
}

base::Result<Days> parse_month(std::string_view month) {
  const auto first = base::parse_date(fmt::format("{}-01", month));
  if (!first) {
    return base::fail(base::ErrorKind::kInvalid, "bad_month", "a month is written as 2026-10");
  }
  return month_of(*first);
}

Days month_of(base::Date day) {
  const base::Date first = first_of_month(day);
  return {first, first_of_month(first + kLongestMonthDays) + -1};
}

Days month_before(const Days& month) {
  return month_of(month.from + -1);
}

Span span_of(const Days& days, const base::TimeZone& zone) {
  return {zone.start_of(days.from), zone.start_of(days.to + 1)};
}

Span widen(const Span& span, std::int64_t margin_days) {
  const std::int64_t margin_us = margin_days * base::kMicrosPerDay;
  return {span.from - margin_us, span.to + margin_us};
}

}  // namespace tallystick::settlement
