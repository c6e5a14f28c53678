// rooms: jobs base
// Cron expressions come from the configuration of whoever adds a schedule: what parses has a next time behind any
// other, in every zone, and that next time is on a day that the expression has, or right after a gap.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jobs/cron.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cron = jobs::Cron::parse(text);
  if (!cron) {
    return 0;
  }
  for (const char* name : {"UTC", "Europe/Berlin", "Australia/Lord_Howe"}) {
    const auto zone = base::TimeZone::find(name);
    if (!zone) {
      std::abort();
    }
    base::Timestamp time{static_cast<std::int64_t>(size) * base::kMicrosPerDay * 97};
    for (int i = 0; i < 3; ++i) {
      const base::Timestamp next = cron->next_after(time, *zone);
      const base::Date day = zone->day_of(next);
      if (next <= time || !(cron->is_on(day) || cron->is_on(day + -1))) {
        std::abort();
      }
      // Nothing lies between the two.
      if (next - time > 1 && cron->next_after(next - 1, *zone) != next) {
        std::abort();
      }
      time = next;
    }
  }
  return 0;
}
