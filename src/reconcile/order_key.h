#pragma once
// Order ids as they are compared: without white space around them, ASCII letters in lower case. Nothing is copied.
// Thread-safe.

#include <compare>
#include <cstdint>
#include <string_view>

namespace tallystick::reconcile {

// Without spaces, tabs and line ends around it; empty: names no order.
[[nodiscard]] std::string_view trim_order_id(std::string_view order_id);
// Of two trimmed ids, letters in lower case.
[[nodiscard]] std::strong_ordering compare_order_ids(std::string_view left, std::string_view right);
// Of a trimmed id; equal ids have equal hashes. Whoever wants to collide may: equal hashes are compared in full.
[[nodiscard]] std::uint64_t hash_order_id(std::string_view order_id);

}  // namespace tallystick::reconcile
