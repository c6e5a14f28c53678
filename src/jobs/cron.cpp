#include "jobs/cron.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace tallystick::jobs {
namespace {

struct Field {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names = {};  // of the values from `least` on
};

constexpr auto kMonthNames = std::to_array<std::string_view>(
    {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
constexpr auto kDayNames = std::to_array<std::string_view>({"sun", "mon", "tue", "wed", "thu", "fri", "sat"});
constexpr auto kLongestMonths = std::to_array<int>({31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31});

constexpr auto kFields = std::to_array<Field>({{"minute", 0, 59},
                                               {"hour", 0, 23},
                                               {"day of month", 1, 31},
                                               {"month", 1, 12, kMonthNames},
                                               {"day of week", 0, 7, kDayNames}});

// From one 29 February to the next it is eight years at most, as in 1896 to 1904.
constexpr std::int32_t kMaxDaysAhead = 8 * 366 + 2;
constexpr std::int32_t kMinutesOfHour = 60;

std::unexpected<base::Error> fail_field(const Field& field, std::string_view text) {
  return base::fail(base::ErrorKind::kInvalid,
                    "bad_cron",
                    fmt::format("{} is no {}: write *, or numbers from {} to {} as in 1,5 or 1-5 or */2",
                                text.empty() ? "nothing" : text,
                                field.name,
                                field.least,
                                field.most));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  constexpr std::string_view kBlanks = " \t";
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;
       at = text.find_first_not_of(kBlanks, at)) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  return is_whole ? std::optional(value) : std::nullopt;
}

std::optional<int> parse_value(const Field& field, std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (field.names[i] == lower) {
      return field.least + static_cast<int>(i);
    }
  }
  const auto value = parse_number(text);
  return value && *value >= field.least && *value <= field.most ? value : std::nullopt;
}

struct Range {
  int first;
  int last;
};

std::optional<Range> parse_range(const Field& field, std::string_view text) {
  if (text == "*") {
    return Range{field.least, field.most};
  }
  const std::size_t dash = text.find('-');
  const auto first = parse_value(field, text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_value(field, text.substr(dash + 1));
  return first && last && *first <= *last ? std::optional(Range{*first, *last}) : std::nullopt;
}

// Which values the field names: bit n for n.
base::Result<std::uint64_t> parse_field(const Field& field, std::string_view text) {
  std::uint64_t values = 0;
  for (const std::string_view item : split(text, ',')) {
    const std::size_t slash = item.find('/');
    const std::string_view range_text = item.substr(0, slash);
    auto range = parse_range(field, range_text);
    int step = 1;
    if (slash != std::string_view::npos) {
      const std::string_view step_text = item.substr(slash + 1);
      // "5/10" is a spelling that programs disagree about.
      const bool has_range = range_text == "*" || range_text.find('-') != std::string_view::npos;
      step = parse_number(step_text).value_or(0);
      if (step < 1 || step > field.most || !has_range) {
        return fail_field(field, item);
      }
    }
    if (!range) {
      return fail_field(field, item);
    }
    for (int value = range->first; value <= range->last; value += step) {
      values |= 1ULL << value;
    }
  }
  return values;
}

base::Date first_of_month(base::Date day) {
  const std::string text = base::format_date(day);
  const auto first = base::parse_date(text.substr(0, 8) + "01");
  return first ? *first : day;
}

int month_of(base::Date day) {
  return *parse_number(base::format_date(day).substr(5, 2));
}

int week_day_of(base::Date day) {
  // 1970-01-01 was a Thursday.
  return ((day.days + 4) % 7 + 7) % 7;
}

}  // namespace

base::Result<Cron> Cron::parse(std::string_view text) {
  const auto words = split_words(text);
  if (text.size() > kMaxCronBytes || words.size() != kFields.size()) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_cron",
                      R"(write five fields: minute, hour, day of month, month, day of week; "0 3 * * *" is at 3:00)");
  }
  std::array<std::uint64_t, kFields.size()> values{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    TALLY_ASSIGN(values[i], parse_field(kFields[i], words[i]));
  }
  Cron cron;
  cron.minutes_ = values[0];
  cron.hours_ = values[1];
  cron.days_ = values[2];
  cron.months_ = values[3];
  cron.week_days_ = (values[4] & 0x7f) | (values[4] >> 7);  // 7 is Sunday too
  cron.has_days_ = words[2] != "*";
  cron.has_week_days_ = words[4] != "*";
  bool is_possible = cron.has_week_days_;
  for (std::size_t month = 1; month <= kLongestMonths.size(); ++month) {
    for (int day = 1; cron.months_[month] && day <= kLongestMonths[month - 1]; ++day) {
      is_possible = is_possible || cron.days_[static_cast<std::size_t>(day)];
    }
  }
  if (!is_possible) {
    return base::fail(base::ErrorKind::kInvalid, "bad_cron", fmt::format("no month named in {} has such a day", text));
  }
  return cron;
}

bool Cron::is_on(base::Date day) const {
  if (!months_[static_cast<std::size_t>(month_of(day))]) {
    return false;
  }
  const bool is_day = days_[static_cast<std::size_t>(day - first_of_month(day) + 1)];
  const bool is_week_day = week_days_[static_cast<std::size_t>(week_day_of(day))];
  if (has_days_ && has_week_days_) {
    return is_day || is_week_day;
  }
  return is_day && is_week_day;
}

base::Timestamp Cron::next_after(base::Timestamp time, const base::TimeZone& zone) const {
  // first_at() never goes back with a later time of the clock, so the first that lies behind `time` is the next one.
  const base::Date today = zone.day_of(time);
  for (base::Date day = today; day - today <= kMaxDaysAhead; day = day + 1) {
    if (!is_on(day)) {
      continue;
    }
    for (std::size_t hour = 0; hour < hours_.size(); ++hour) {
      for (std::size_t minute = 0; hours_[hour] && minute < minutes_.size(); ++minute) {
        if (!minutes_[minute]) {
          continue;
        }
        const auto at =
            zone.first_at(day, static_cast<std::int32_t>(hour) * kMinutesOfHour + static_cast<std::int32_t>(minute));
        if (at > time) {
          return at;
        }
      }
    }
  }
  throw std::logic_error("a cron expression without a next time");
}

}  // namespace tallystick::jobs
