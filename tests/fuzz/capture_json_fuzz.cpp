// rooms: capture quality journal records access http crypto base
// Bodies of impressions, exposures and conversions, split and parsed as the worker does; what is refused becomes a dead
// letter, which must be JSON and small.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "capture/conversion_parser.h"
#include "capture/dead_letter.h"
#include "capture/event_splitter.h"
#include "capture/impression_parser.h"

namespace capture = tallystick::capture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  capture::PaddedBody body;
  capture::SplitBody split;
  capture::ImpressionParser impressions;
  capture::ConversionParser conversions;
  const capture::Catalog catalog;
  if (capture::split_events(body.copy(input), 1000, split) != capture::SplitFault::kNone) {
    return 0;
  }
  for (const std::string_view event : split.events) {
    for (const auto form : {capture::ImpressionForm::kImpression, capture::ImpressionForm::kExposure}) {
      capture::ParsedImpression parsed;
      const auto fault = impressions.parse(body.padded(event), form, parsed);
      if (!fault.is_set() && (parsed.event_id.is_nil() || parsed.placement.empty())) {
        std::abort();
      }
      (void)capture::check_impression(parsed, form, catalog, {1});
    }
    capture::ParsedConversion parsed;
    const auto fault = conversions.parse(body.padded(event), parsed);
    if (!fault.is_set() && parsed.event.order_id.empty()) {
      std::abort();
    }
    constexpr std::size_t kMaxRaw = 4096;
    if (capture::make_dead_letter_raw(event, {}, "api:key", kMaxRaw).size() > kMaxRaw + 256) {
      std::abort();
    }
  }
  return 0;
}
