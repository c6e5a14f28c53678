#pragma once
// A logarithm that is the same on every machine. Pure.

#include <cstdint>

namespace tallystick::reconcile {

inline constexpr unsigned kLogarithmBits = 20;
inline constexpr std::int64_t kOneBit = std::int64_t{1} << kLogarithmBits;

// Logarithm to base 2 of 1 + value / unit in 2^20ths, linear between powers of two: exact, monotonous, the same
// everywhere. `unit` is positive.
[[nodiscard]] std::int64_t log2_of_ratio(std::uint64_t value, std::uint64_t unit);

}  // namespace tallystick::reconcile
