#pragma once
// A cron expression: the minutes of the clock at which something happens, "minute hour day-of-month month day-of-week".
// Each field is "*", or a list of values, ranges "a-b" and steps "*/n" or "a-b/n"; months and days of the week may be
// English names of three letters, Sunday is 0 or 7. When both days are given, either will do, as in crontab(5). Where
// clocks skip a time it counts once, at the end of the gap; where they show a time twice, the first one counts. Pure;
// thread-safe.

#include <bitset>
#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "base/time_zone.h"

namespace tallystick::jobs {

inline constexpr std::size_t kMaxCronBytes = 200;

class Cron {
 public:
  // Refuses what can never happen, such as 31 February. Error code: "bad_cron".
  [[nodiscard]] static base::Result<Cron> parse(std::string_view text);

  // The first time after `time`.
  [[nodiscard]] base::Timestamp next_after(base::Timestamp time, const base::TimeZone& zone) const;
  // Whether the calendar has it on this day at all.
  [[nodiscard]] bool is_on(base::Date day) const;

 private:
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;      // of the month, from 1
  std::bitset<13> months_;    // from 1
  std::bitset<7> week_days_;  // from Sunday
  bool has_days_ = false;     // the field is not "*"
  bool has_week_days_ = false;
};

}  // namespace tallystick::jobs
