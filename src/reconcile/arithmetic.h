#pragma once
// Arithmetic of 64 bits that does not wrap. Pure.

#include <cstdint>
#include <stdexcept>

namespace tallystick::reconcile {

// Of amounts whose sums were found to fit when they were made (explain.h): an overflow here is a broken invariant.
[[nodiscard]] inline std::int64_t minus(std::int64_t left, std::int64_t right) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(left, right, &difference)) {
    throw std::overflow_error("a difference of amounts does not fit");
  }
  return difference;
}

// Without overflow, whatever the two are.
[[nodiscard]] constexpr std::uint64_t distance(std::int64_t left, std::int64_t right) {
  return left > right ? static_cast<std::uint64_t>(left) - static_cast<std::uint64_t>(right)
                      : static_cast<std::uint64_t>(right) - static_cast<std::uint64_t>(left);
}

// Of INT64_MIN too.
[[nodiscard]] inline std::uint64_t magnitude_of(std::int64_t amount) {
  return amount < 0 ? ~static_cast<std::uint64_t>(amount) + 1 : static_cast<std::uint64_t>(amount);
}

}  // namespace tallystick::reconcile
