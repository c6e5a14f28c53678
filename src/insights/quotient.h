#pragma once
// Ratios of reports as exact decimals: "2.5000", never a rounded double; nothing where the divisor is zero. Pure.

#include <cstdint>
#include <optional>
#include <string>

#include "base/money.h"

namespace tallystick::insights {

inline constexpr int kRatioDecimals = 4;
// A conversion that several placements share is counted in parts of one ten-thousandth, so that what is shown adds up.
inline constexpr std::int64_t kPartsPerConversion = 10'000;

// numerator / denominator with that many decimals (at most 9), a tie going to the even digit; nothing for
// denominator <= 0.
[[nodiscard]] std::optional<std::string> quotient(std::int64_t numerator,
                                                  std::int64_t denominator,
                                                  int decimals = kRatioDecimals);
// 100 x numerator / denominator.
[[nodiscard]] std::optional<std::string> percent(std::int64_t numerator, std::int64_t denominator);
// `factor` x money / count in the currency's major unit, two decimals more than the currency has: revenue per click
// (1) or per thousand impressions (1000).
[[nodiscard]] std::optional<std::string> money_per(const base::Money& money, std::int64_t count, std::int64_t factor);
// A count of kPartsPerConversion-ths: 15000 is "1.5000".
[[nodiscard]] std::string format_parts(std::int64_t parts);

}  // namespace tallystick::insights
