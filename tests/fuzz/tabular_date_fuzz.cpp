// rooms: tabular
// A format and a text, parted by a line end: no text is read as a day that does not exist, and parsing ends.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tabular/date_time.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick;
  static const base::TimeZone kZone = *base::TimeZone::find("Europe/Berlin");
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  const auto format = tabular::DateFormat::compile(input.substr(0, end));
  if (!format || end == std::string_view::npos) {
    return 0;
  }
  const std::string_view text = input.substr(end + 1);
  if (const auto time = format->parse(text)) {
    require(time->time_us >= 0 && time->time_us < base::kMicrosPerDay);
    require(base::parse_date(base::format_date(time->day)) == time->day);
    (void)tabular::to_timestamp(*time, kZone);
  }
  tabular::FormatChooser chooser({*format, *format});
  chooser.observe(text);
  require(chooser.rival() == nullptr);
  return 0;
}
