// rooms: tabular
// Any text as an amount: what is read is in range, has one reading when both marks agree, and rounds to the nearest.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tabular/amount.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick::tabular;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto euro = *tallystick::base::parse_currency("EUR");
  MarkEvidence evidence;
  evidence.observe(text);
  for (const DecimalMark mark : {DecimalMark::kPoint, DecimalMark::kComma}) {
    const auto decimal = parse_decimal(text, mark);
    if (!decimal) {
      continue;
    }
    require(decimal->mantissa > -1'000'000'000'000'000'000 && decimal->mantissa < 1'000'000'000'000'000'000);
    const auto exact = to_minor(*decimal, euro, Excess::kRefuse);
    const auto rounded = to_minor(*decimal, euro, Excess::kRoundToEven);
    require(!exact || *exact == *rounded);
    // What only the other mark allows was not read with this one, unless the whole has no fraction.
    require(!evidence.decide() || *evidence.decide() == mark || decimal->scale == 0 || evidence.ambiguous_count() > 0);
  }
  return 0;
}
