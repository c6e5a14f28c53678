#include "tabular/date_time.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

namespace tallystick::tabular {
namespace {

constexpr std::size_t kMaxFormatBytes = 64;
constexpr std::size_t kMaxTextBytes = 64;
constexpr int kMaxBrackets = 4;
constexpr std::string_view kFields = "YymdbBHIMSpz%";
constexpr auto kMonths = std::to_array<std::string_view>({"january",
                                                          "february",
                                                          "march",
                                                          "april",
                                                          "may",
                                                          "june",
                                                          "july",
                                                          "august",
                                                          "september",
                                                          "october",
                                                          "november",
                                                          "december"});

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

struct Fields {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  std::int64_t second_us = 0;
  bool has_time = false;
  bool is_twelve_hour = false;
  std::optional<bool> is_afternoon = {};
  std::optional<std::int32_t> offset_minutes = {};
};

// A cursor over the value.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] bool is_at_end() const { return text_.empty(); }
  bool take(char c) {
    if (!text_.starts_with(c)) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }
  bool take_spaces() {
    const bool has_one = text_.starts_with(' ');
    while (text_.starts_with(' ')) {
      text_.remove_prefix(1);
    }
    return has_one;
  }
  bool take_number(std::size_t least_digits, std::size_t most_digits, int& value) {
    std::size_t digits = 0;
    int number = 0;
    while (digits < most_digits && digits < text_.size() && std::isdigit(static_cast<unsigned char>(text_[digits]))) {
      number = number * 10 + (text_[digits] - '0');
      ++digits;
    }
    if (digits < least_digits) {
      return false;
    }
    text_.remove_prefix(digits);
    value = number;
    return true;
  }
  // Cut to microseconds.
  void take_fraction(std::int64_t& microseconds) {
    if (text_.size() < 2 || text_[0] != '.' || !std::isdigit(static_cast<unsigned char>(text_[1]))) {
      return;
    }
    text_.remove_prefix(1);
    std::int64_t unit = base::kMicrosPerSecond / 10;
    while (!text_.empty() && std::isdigit(static_cast<unsigned char>(text_.front()))) {
      microseconds += (text_.front() - '0') * unit;
      unit /= 10;
      text_.remove_prefix(1);
    }
  }
  bool take_month(int& month) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (take_word(kMonths[i]) || take_word(kMonths[i].substr(0, 3))) {
        month = static_cast<int>(i) + 1;
        return true;
      }
    }
    return false;
  }
  bool take_word(std::string_view word) {
    const std::string_view start = text_.substr(0, word.size());
    if (!std::ranges::equal(start, word, {}, lower)) {
      return false;
    }
    text_.remove_prefix(word.size());
    return true;
  }
  bool take_offset(std::optional<std::int32_t>& minutes) {
    if (take_word("z") || take_word("utc") || take_word("gmt")) {
      minutes = 0;
      return true;
    }
    const bool is_minus = text_.starts_with('-');
    if (!take('+') && !take('-')) {
      return false;
    }
    int hour = 0;
    int minute = 0;
    if (!take_number(2, 2, hour) || ((take(':') || !is_at_end()) && !take_number(2, 2, minute)) || hour > 18 ||
        minute > 59) {
      return false;
    }
    minutes = (is_minus ? -1 : 1) * (hour * 60 + minute);
    return true;
  }

 private:
  std::string_view text_;
};

bool read_seconds(Scanner& scanner, Fields& out) {
  int seconds = 0;
  if (!scanner.take_number(2, 2, seconds) || seconds > 59) {
    return false;
  }
  out.second_us = seconds * base::kMicrosPerSecond;
  scanner.take_fraction(out.second_us);
  return true;
}

bool read_field(char field, Scanner& scanner, Fields& out) {
  switch (field) {
    case 'Y':
      return scanner.take_number(4, 4, out.year);
    case 'y':
      if (!scanner.take_number(2, 2, out.year)) {
        return false;
      }
      out.year += out.year < 70 ? 2000 : 1900;
      return true;
    case 'm':
      return scanner.take_number(1, 2, out.month);
    case 'd':
      return scanner.take_number(1, 2, out.day);
    case 'b':
    case 'B':
      return scanner.take_month(out.month);
    case 'H':
      out.has_time = true;
      return scanner.take_number(1, 2, out.hour) && out.hour <= 23;
    case 'I':
      out.has_time = true;
      out.is_twelve_hour = true;
      return scanner.take_number(1, 2, out.hour) && out.hour >= 1 && out.hour <= 12;
    case 'M':
      return scanner.take_number(2, 2, out.minute) && out.minute <= 59;
    case 'S':
      return read_seconds(scanner, out);
    case 'p': {
      const bool is_pm = scanner.take_word("pm");
      out.is_afternoon = is_pm;
      return is_pm || scanner.take_word("am");
    }
    case 'z':
      return scanner.take_offset(out.offset_minutes);
    default:
      return scanner.take(field);
  }
}

// Whether the rest of the format fits the rest of the value, to its end.
bool fits(std::string_view format, Scanner scanner, Fields& out) {
  while (!format.empty()) {
    const char c = format.front();
    format.remove_prefix(1);
    if (c == '[' || c == ']') {
      if (c == '[' && scanner.is_at_end()) {
        return true;
      }
      continue;
    }
    if (c == ' ') {
      if (!scanner.take_spaces()) {
        return false;
      }
      continue;
    }
    if (c == '%') {
      const char field = format.front();
      format.remove_prefix(1);
      if (!read_field(field, scanner, out)) {
        return false;
      }
      continue;
    }
    if (!scanner.take(c)) {
      return false;
    }
  }
  return scanner.is_at_end();
}

std::optional<LocalTime> to_local_time(const Fields& fields) {
  const auto day = base::find_date(fields.year, fields.month, fields.day);
  if (!day || (fields.is_twelve_hour && !fields.is_afternoon)) {
    return std::nullopt;
  }
  int hour = fields.hour;
  if (fields.is_twelve_hour) {
    hour = hour % 12 + (*fields.is_afternoon ? 12 : 0);
  }
  LocalTime time;
  time.day = *day;
  time.time_us = hour * base::kMicrosPerHour + fields.minute * base::kMicrosPerMinute + fields.second_us;
  time.has_time = fields.has_time;
  time.offset_minutes = fields.offset_minutes;
  return time;
}

}  // namespace

base::Timestamp to_timestamp(const LocalTime& time, const base::TimeZone& zone) {
  if (time.offset_minutes) {
    return {time.day.days * base::kMicrosPerDay + time.time_us - *time.offset_minutes * base::kMicrosPerMinute};
  }
  return zone.at(time.day, time.time_us);
}

base::Result<DateFormat> DateFormat::compile(std::string_view format) {
  bool is_good = !format.empty() && format.size() <= kMaxFormatBytes;
  int brackets = 0;
  for (std::size_t i = 0; is_good && i < format.size(); ++i) {
    if (format[i] == '[') {
      is_good = ++brackets <= kMaxBrackets;
    } else if (format[i] == '%') {
      ++i;
      is_good = i < format.size() && kFields.find(format[i]) != std::string_view::npos;
    }
  }
  const bool has_day = format.find("%d") != std::string_view::npos;
  if (!is_good || !has_day) {
    return base::fail(
        base::ErrorKind::kInvalid,
        "bad_date_format",
        fmt::format("\"{}\" is no date format: it is made of %Y %y %m %d %b %H %I %M %S %p %z and names a "
                    "day",
                    format.substr(0, kMaxFormatBytes)));
  }
  DateFormat compiled;
  compiled.text_ = format;
  return compiled;
}

std::optional<LocalTime> DateFormat::parse(std::string_view text) const {
  while (text.ends_with(' ')) {
    text.remove_suffix(1);
  }
  while (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  Fields fields;
  if (text.empty() || text.size() > kMaxTextBytes || !fits(text_, Scanner(text), fields)) {
    return std::nullopt;
  }
  return to_local_time(fields);
}

FormatChooser::FormatChooser(std::vector<DateFormat> formats) : formats_(std::move(formats)) {
  for (std::size_t i = 0; i < formats_.size(); ++i) {
    left_.push_back(i);
  }
}

void FormatChooser::observe(std::string_view text) {
  if (left_.size() < 2) {
    return;
  }
  std::vector<std::size_t> fitting;
  std::optional<LocalTime> first;
  std::size_t rival = kNone;
  for (const std::size_t i : left_) {
    const auto time = formats_[i].parse(text);
    if (!time) {
      continue;
    }
    if (fitting.empty()) {
      first = time;
    } else if (*time != *first && rival == kNone) {
      rival = i;
    }
    fitting.push_back(i);
  }
  if (fitting.empty()) {
    return;
  }
  left_ = std::move(fitting);
  rival_ = rival != kNone ? rival : rival_;
  if (rival_ == left_.front() || std::ranges::find(left_, rival_) == left_.end()) {
    rival_ = kNone;
  }
}

}  // namespace tallystick::tabular
