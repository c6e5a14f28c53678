#pragma once
// A UUID as ClickHouse keeps it and compares it: two numbers, the first one the first eight bytes; the second one
// counts more.

#include <cstdint>
#include <cstring>

#include "base/uuid.h"

namespace tallystick::warehouse {

struct StoredUuid {
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  StoredUuid() = default;
  explicit StoredUuid(const base::Uuid& id) {
    std::memcpy(&first, id.bytes.data(), sizeof(first));
    std::memcpy(&second, id.bytes.data() + sizeof(first), sizeof(second));
    first = __builtin_bswap64(first);
    second = __builtin_bswap64(second);
  }
  [[nodiscard]] bool is_nil() const { return (first | second) == 0; }
  friend bool operator==(const StoredUuid& a, const StoredUuid& b) {
    return ((a.first ^ b.first) | (a.second ^ b.second)) == 0;
  }
};

}  // namespace tallystick::warehouse
