#include "insights/quotient.h"

#include <algorithm>

namespace tallystick::insights {
namespace {

__extension__ using Wide = __int128;

Wide power_of_ten(int exponent) {
  Wide value = 1;
  for (int i = 0; i < exponent; ++i) {
    value *= 10;
  }
  return value;
}

std::string digits_of(Wide value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value > 0);
  std::ranges::reverse(digits);
  return digits;
}

// numerator and denominator below 2^80, so that the product with 10^9 fits.
std::string divide(Wide numerator, Wide denominator, int decimals) {
  const bool is_negative = numerator < 0;
  const Wide scaled = (is_negative ? -numerator : numerator) * power_of_ten(decimals);
  Wide whole = scaled / denominator;
  const Wide rest = scaled % denominator;
  if (2 * rest > denominator || (2 * rest == denominator && whole % 2 == 1)) {
    ++whole;
  }
  std::string digits = digits_of(whole);
  const auto places = static_cast<std::size_t>(decimals);
  if (digits.size() <= places) {
    digits.insert(0, places + 1 - digits.size(), '0');
  }
  if (places > 0) {
    digits.insert(digits.size() - places, ".");
  }
  return is_negative && whole != 0 ? "-" + digits : digits;
}

}  // namespace

std::optional<std::string> quotient(std::int64_t numerator, std::int64_t denominator, int decimals) {
  if (denominator <= 0) {
    return std::nullopt;
  }
  return divide(numerator, denominator, std::clamp(decimals, 0, 9));
}

std::optional<std::string> percent(std::int64_t numerator, std::int64_t denominator) {
  if (denominator <= 0) {
    return std::nullopt;
  }
  return divide(static_cast<Wide>(numerator) * 100, denominator, kRatioDecimals);
}

std::optional<std::string> money_per(const base::Money& money, std::int64_t count, std::int64_t factor) {
  if (count <= 0) {
    return std::nullopt;
  }
  const int exponent = money.currency.exponent;
  return divide(
      static_cast<Wide>(money.amount_minor) * factor, static_cast<Wide>(count) * power_of_ten(exponent), exponent + 2);
}

std::string format_parts(std::int64_t parts) {
  return divide(parts, kPartsPerConversion, kRatioDecimals);
}

}  // namespace tallystick::insights
