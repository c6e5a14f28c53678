#pragma once
// Dates and times as networks write them, by format: "%m/%d/%Y", "%d-%b-%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z". Which of
// several formats a column has is decided by all of its values, never by one alone. Pure but for FormatChooser: one
// thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/time_zone.h"

namespace tallystick::tabular {

// As written: a day, a time of it, and an offset from UTC if there is one.
struct LocalTime {
  base::Date day;
  std::int64_t time_us = 0;
  bool has_time = false;
  std::optional<std::int32_t> offset_minutes = {};

  friend bool operator==(const LocalTime&, const LocalTime&) = default;
};

// A clock time that the zone skips is the end of the gap; of one that occurs twice it is the earlier.
[[nodiscard]] base::Timestamp to_timestamp(const LocalTime& time, const base::TimeZone& zone);

class DateFormat {
 public:
  // %Y four digits, %y two (70 to 99: 19..), %m %d %H %I one or two, %b %B the English name of the month, short or
  // long, %M two, %S two and perhaps a fraction, %p AM or PM, %z "Z", "UTC", "+02:00" or "+0200", %% itself. A space is
  // any number of them, one at least; what stands in [brackets] may be missing from there to the end; anything else is
  // itself. Error code: "bad_date_format".
  [[nodiscard]] static base::Result<DateFormat> compile(std::string_view format);

  // Nothing when the text is not written so. Years 1970 to 9999.
  [[nodiscard]] std::optional<LocalTime> parse(std::string_view text) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// The formats of a column that fit its values.
class FormatChooser {
 public:
  explicit FormatChooser(std::vector<DateFormat> formats);

  // A format that does not fit a value is out, if another one fits it.
  void observe(std::string_view text);

  // The first of those left.
  [[nodiscard]] const DateFormat& chosen() const { return formats_[left_.front()]; }
  // Whether another one is left that reads a value as another day, so that the order of the formats decided.
  [[nodiscard]] const DateFormat* rival() const { return rival_ == kNone ? nullptr : &formats_[rival_]; }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  std::vector<DateFormat> formats_;
  std::vector<std::size_t> left_;
  std::size_t rival_ = kNone;
};

}  // namespace tallystick::tabular
