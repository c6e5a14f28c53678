#pragma once
// The distinct texts of a column, numbered in the order in which they were first seen. Keeps its memory when cleared.
// One thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tallystick::warehouse {

class TextDictionary {
 public:
  // At most 2^32 - 1 texts.
  [[nodiscard]] std::uint32_t number_of(std::string_view text);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // All texts in the order of their numbers, each behind its length as LEB128: a column of strings in ClickHouse's
  // Native format.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  void clear();

 private:
  // What most texts are compared by; the rest is in bytes_.
  struct Entry {
    std::uint64_t first = 0;  // up to eight bytes
    std::size_t size = 0;
    std::size_t begin = 0;  // in bytes_, behind the length
  };

  [[nodiscard]] bool is_at(std::uint32_t number, std::uint64_t first, std::string_view text) const;
  void grow();

  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> places_;  // by hash: number + 1, 0: free; a power of two, at most half of them taken
  std::uint32_t last_ = 0;             // the number given last: neighbours are mostly alike
};

}  // namespace tallystick::warehouse
