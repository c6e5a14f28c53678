#pragma once
// Differences of amounts whose sums were found to fit when they were made (explain.h): an overflow here is a broken
// invariant. Pure.

#include <cstdint>
#include <stdexcept>

namespace tallystick::reconcile {

[[nodiscard]] inline std::int64_t minus(std::int64_t left, std::int64_t right) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(left, right, &difference)) {
    throw std::overflow_error("a difference of amounts does not fit");
  }
  return difference;
}

// Of INT64_MIN too.
[[nodiscard]] inline std::uint64_t magnitude_of(std::int64_t amount) {
  return amount < 0 ? ~static_cast<std::uint64_t>(amount) + 1 : static_cast<std::uint64_t>(amount);
}

}  // namespace tallystick::reconcile
