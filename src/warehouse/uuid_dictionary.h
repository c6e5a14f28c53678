#pragma once
// The distinct UUIDs of a column, numbered in the order in which they were first seen. Keeps its memory when cleared.
// One thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "warehouse/stored_uuid.h"

namespace tallystick::warehouse {

class UuidDictionary {
 public:
  // At most 2^32 - 1 of them.
  [[nodiscard]] std::uint32_t number_of(const StoredUuid& id) {
    return last_ < ids_.size() && ids_[last_] == id ? last_ : find_or_add(id);
  }

  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  // Of a number that was given.
  [[nodiscard]] const StoredUuid& id_of(std::uint32_t number) const { return ids_[number]; }
  void clear();

 private:
  [[nodiscard]] std::uint32_t find_or_add(const StoredUuid& id);
  void grow();

  std::vector<StoredUuid> ids_;
  std::vector<std::uint32_t> places_;  // by hash: number + 1, 0: free; a power of two, at most half of them taken
  std::uint32_t last_ = 0;             // the number given last: neighbours are often alike
};

}  // namespace tallystick::warehouse
