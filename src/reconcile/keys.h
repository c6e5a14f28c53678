#pragma once
// Records joined by a key, sorted instead of kept in a table: a key is hashed once, into 16 bytes a record, and nothing
// else is allocated. Keys decide, never their hashes alone. Thread-safe.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "reconcile/model.h"
#include "reconcile/order_key.h"

namespace tallystick::reconcile {

struct KeyEntry {
  std::uint64_t hash = 0;
  std::uint32_t position = 0;  // of the record in its span
};

// The click that a record names; nil: none.
struct ClickKey {
  template <typename Record>
  [[nodiscard]] static bool is_named(const Record& record) {
    return !record.click_id.is_nil();
  }
  template <typename Record>
  [[nodiscard]] static std::uint64_t hash(const Record& record) {
    return base::UuidHash{}(record.click_id);
  }
  template <typename Left, typename Right>
  [[nodiscard]] static std::strong_ordering compare(const Left& left, const Right& right) {
    return left.click_id <=> right.click_id;
  }
};

// The order that a record names.
struct OrderKey {
  template <typename Record>
  [[nodiscard]] static bool is_named(const Record& record) {
    return !trim_order_id(record.order_id).empty();
  }
  template <typename Record>
  [[nodiscard]] static std::uint64_t hash(const Record& record) {
    return hash_order_id(trim_order_id(record.order_id));
  }
  template <typename Left, typename Right>
  [[nodiscard]] static std::strong_ordering compare(const Left& left, const Right& right) {
    return compare_order_ids(trim_order_id(left.order_id), trim_order_id(right.order_id));
  }
};

// Those of `positions` that name a key, in the order of hash, key and position.
template <typename Key, typename Record, typename Positions>
[[nodiscard]] std::vector<KeyEntry> sort_by_key(std::span<const Record> records, const Positions& positions) {
  std::vector<KeyEntry> entries;
  entries.reserve(positions.size());
  for (const std::uint32_t position : positions) {
    if (Key::is_named(records[position])) {
      entries.push_back({Key::hash(records[position]), position});
    }
  }
  std::sort(entries.begin(), entries.end(), [&](const KeyEntry& left, const KeyEntry& right) {
    if (left.hash != right.hash) {
      return left.hash < right.hash;
    }
    const auto order = Key::compare(records[left.position], records[right.position]);
    return order != 0 ? order < 0 : left.position < right.position;
  });
  return entries;
}

// Where the entries that have the key of the first one end.
template <typename Key, typename Record>
[[nodiscard]] std::span<const KeyEntry> take_equal(std::span<const Record> records, std::span<const KeyEntry> entries) {
  std::size_t end = 1;
  while (end < entries.size() && entries[end].hash == entries[0].hash &&
         Key::compare(records[entries[end].position], records[entries[0].position]) == 0) {
    ++end;
  }
  return entries.first(end);
}

// Calls take(entries of left, entries of right) for every key that both sides name.
template <typename Key, typename Left, typename Right, typename Take>
void join_by_key(std::span<const Left> lefts,
                 std::span<const KeyEntry> left,
                 std::span<const Right> rights,
                 std::span<const KeyEntry> right,
                 Take&& take) {
  while (!left.empty() && !right.empty()) {
    if (left[0].hash != right[0].hash) {
      (left[0].hash < right[0].hash ? left : right) = (left[0].hash < right[0].hash ? left : right).subspan(1);
      continue;
    }
    const auto order = Key::compare(lefts[left[0].position], rights[right[0].position]);
    if (order != 0) {
      (order < 0 ? left : right) = (order < 0 ? left : right).subspan(1);
      continue;
    }
    const std::span<const KeyEntry> of_left = take_equal<Key>(lefts, left);
    const std::span<const KeyEntry> of_right = take_equal<Key>(rights, right);
    take(of_left, of_right);
    left = left.subspan(of_left.size());
    right = right.subspan(of_right.size());
  }
}

}  // namespace tallystick::reconcile
