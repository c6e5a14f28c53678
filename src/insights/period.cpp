#include "insights/period.h"

#include <charconv>

#include <fmt/format.h>

namespace tallystick::insights {
namespace {

// 2100-01-01: the warehouse's hours end soon after.
constexpr base::Timestamp kEnd{4'102'444'800 * base::kMicrosPerSecond};

std::unexpected<base::Error> bad_period(std::string message) {
  return base::fail(base::ErrorKind::kInvalid, "bad_period", std::move(message));
}

struct Bound {
  base::Timestamp time;
  std::optional<base::Date> day;
};

bool is_date(std::string_view text) {
  return text.size() <= 10;
}

base::Result<Bound> parse_bound(std::string_view name, std::string_view text, const base::TimeZone& zone, bool is_end) {
  if (is_date(text)) {
    const auto day = base::parse_date(text);
    if (!day) {
      return bad_period(fmt::format("{} is a date such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z", name));
    }
    return Bound{zone.start_of(is_end ? *day + 1 : *day), *day};
  }
  const auto time = base::parse_rfc3339(text);
  if (!time) {
    return bad_period(fmt::format("{} is a date such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z", name));
  }
  return Bound{*time, std::nullopt};
}

base::Result<std::int64_t> parse_days(std::string_view text) {
  std::int64_t days = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (fault != std::errc() || end != text.data() + text.size() || days < 1 || days > kMaxPeriodDays) {
    return bad_period(fmt::format("days is a number from 1 to {}", kMaxPeriodDays));
  }
  return days;
}

Period last_days(const base::TimeZone& zone, base::Date last, std::int64_t days) {
  const base::Date first = last + -static_cast<std::int32_t>(days - 1);
  return {zone, {zone.start_of(first), zone.start_of(last + 1)}, first, last};
}

base::Timestamp floor_to(base::Timestamp time, std::int64_t unit_us) {
  const std::int64_t rest = time.us % unit_us;
  return {time.us - (rest < 0 ? rest + unit_us : rest)};
}

}  // namespace

base::Result<Period> parse_period(const PeriodText& text, std::string_view default_zone, base::Timestamp now) {
  TALLY_ASSIGN(const base::TimeZone zone,
               base::TimeZone::find(text.time_zone.empty() ? default_zone : std::string_view(text.time_zone)));
  if (!text.days.empty()) {
    if (!text.from.empty() || !text.to.empty()) {
      return bad_period("give days, or from and to, not both");
    }
    TALLY_ASSIGN(const std::int64_t days, parse_days(text.days));
    return last_days(zone, zone.day_of(now), days);
  }
  if (text.from.empty() && text.to.empty()) {
    return last_days(zone, zone.day_of(now), kDefaultPeriodDays);
  }
  Bound to{zone.start_of(zone.day_of(now) + 1), zone.day_of(now)};
  if (!text.to.empty()) {
    TALLY_ASSIGN(to, parse_bound("to", text.to, zone, true));
  }
  Bound from;
  if (!text.from.empty()) {
    TALLY_ASSIGN(from, parse_bound("from", text.from, zone, false));
  } else if (to.day) {
    from.day = *to.day + -static_cast<std::int32_t>(kDefaultPeriodDays - 1);
    from.time = zone.start_of(*from.day);
  } else {
    from.time = to.time - kDefaultPeriodDays * base::kMicrosPerDay;
  }
  if (from.time >= to.time) {
    return bad_period("the period ends before it begins");
  }
  if (from.time.us < 0 || to.time > kEnd) {
    return bad_period("reports cover the years 1970 to 2099");
  }
  // An hour more, which a change of the clocks may add.
  if (to.time - from.time > kMaxPeriodDays * base::kMicrosPerDay + base::kMicrosPerHour) {
    return bad_period(fmt::format("a report covers at most {} days", kMaxPeriodDays));
  }
  return Period{zone, {from.time, to.time}, from.day, to.day};
}

std::vector<base::Date> days_of(const Period& period) {
  std::vector<base::Date> days;
  const base::Date last = period.zone.day_of(period.range.to - 1);
  for (base::Date day = period.zone.day_of(period.range.from); day <= last; day = day + 1) {
    days.push_back(day);
  }
  return days;
}

Pieces cut(const Range& range, std::int64_t unit_us, std::int64_t offset_us) {
  const base::Timestamp first = floor_to(range.from + (unit_us - 1 - offset_us), unit_us) + offset_us;
  const base::Timestamp last = floor_to(range.to - offset_us, unit_us) + offset_us;
  if (first >= last) {
    return uncut(range);
  }
  return {{first, last}, {Range{range.from, first}, Range{last, range.to}}};
}

Pieces uncut(const Range& range) {
  return {{range.from, range.from}, {range, Range{range.to, range.to}}};
}

Coverage coverage_of(const Period& period) {
  const Range& range = period.range;
  constexpr std::int64_t kMonday = 4 * base::kMicrosPerDay;  // 1970-01-05
  const Pieces days = cut(range, base::kMicrosPerDay);
  return {cut(range, base::kMicrosPerHour),
          days,
          cut(days.whole, 7 * base::kMicrosPerDay, kMonday),
          period.zone.has_whole_hours(range.from, range.to)};
}

}  // namespace tallystick::insights
