#include "reconcile/order_key.h"

#include <algorithm>

namespace tallystick::reconcile {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";

constexpr unsigned char to_lower(char c) {
  return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

}  // namespace

std::string_view trim_order_id(std::string_view order_id) {
  const std::size_t first = order_id.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) {
    return {};
  }
  return order_id.substr(first, order_id.find_last_not_of(kWhiteSpace) + 1 - first);
}

std::strong_ordering compare_order_ids(std::string_view left, std::string_view right) {
  const std::size_t common = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const auto order = to_lower(left[i]) <=> to_lower(right[i]); order != 0) {
      return order;
    }
  }
  return left.size() <=> right.size();
}

std::uint64_t hash_order_id(std::string_view order_id) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325ULL;  // FNV-1a
  for (const char c : order_id) {
    hash = (hash ^ to_lower(c)) * 0x100'0000'01B3ULL;
  }
  hash ^= hash >> 32U;  // its low bits are the better ones; sorting looks at the high ones first
  return hash * 0xD6E8'FEB8'6659'FD93ULL;
}

}  // namespace tallystick::reconcile
