#include "reconcile/logarithm.h"

#include <bit>

#include "reconcile/wide.h"

namespace tallystick::reconcile {

std::int64_t log2_of_ratio(std::uint64_t value, std::uint64_t unit) {
  const UnsignedWide sum = static_cast<UnsignedWide>(value) + unit;
  const std::uint64_t whole = value / unit;
  const auto bits = static_cast<unsigned>(whole == UINT64_MAX ? 64 : std::bit_width(whole + 1) - 1);
  const UnsignedWide power = static_cast<UnsignedWide>(unit) << bits;  // at most the sum
  const UnsignedWide rest = sum - power;
  const std::int64_t floor = std::int64_t{bits} << kLogarithmBits;
  if (sum <= (UINT64_MAX >> kLogarithmBits)) {  // lags up to half a year: no division of 128 bits
    return floor + static_cast<std::int64_t>((static_cast<std::uint64_t>(rest) << kLogarithmBits) /
                                             static_cast<std::uint64_t>(power));
  }
  return floor + static_cast<std::int64_t>((rest << kLogarithmBits) / power);
}

}  // namespace tallystick::reconcile
