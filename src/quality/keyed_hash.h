#pragma once
// A fast keyed 64-bit hash for tables in memory: without the key nobody can aim at one bucket. Not for
// anything stored or compared between processes. Thread-safe.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tallystick::quality {

// Two words that name a thing in a table: a whole UUID or address, or two independent hashes.
struct Key128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend constexpr bool operator==(const Key128&, const Key128&) = default;
};

class KeyedHash {
 public:
  explicit constexpr KeyedHash(std::uint64_t seed) : seed_(seed ^ kMul0) {}

  [[nodiscard]] std::uint64_t operator()(std::string_view text) const noexcept {
    const char* data = text.data();
    std::size_t left = text.size();
    std::uint64_t state = seed_ ^ (left * kMul1);
    while (left > 16) {
      state = fold(load(data, 8) ^ kMul2 ^ state, load(data + 8, 8) ^ seed_ ^ kMul3);
      data += 16;
      left -= 16;
    }
    const std::size_t head = left < 8 ? left : 8;
    return fold(fold(load(data, head) ^ kMul1 ^ state, load(data + head, left - head) ^ seed_ ^ kMul2), kMul3 ^ seed_);
  }

  [[nodiscard]] std::uint64_t operator()(const Key128& key) const noexcept {
    return fold(fold(key.high ^ seed_, key.low ^ kMul1) ^ kMul2, seed_ ^ kMul3);
  }

 private:
  static constexpr std::uint64_t kMul0 = 0x9E3779B97F4A7C15ULL;
  static constexpr std::uint64_t kMul1 = 0xD6E8FEB86659FD93ULL;
  static constexpr std::uint64_t kMul2 = 0xA0761D6478BD642FULL;
  static constexpr std::uint64_t kMul3 = 0xE7037ED1A0B428DBULL;

  static std::uint64_t load(const char* data, std::size_t size) noexcept {
    std::uint64_t value = 0;
    if (size == 8) {
      std::memcpy(&value, data, 8);
    } else if (size > 0) {
      std::memcpy(&value, data, size);
    }
    return value;
  }

  // Both halves of the 128-bit product, folded.
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  std::uint64_t seed_;
};

}  // namespace tallystick::quality
