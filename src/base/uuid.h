#pragma once
// UUIDs (RFC 9562): 16 bytes in network order, written as 36 lower-case characters.

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"

namespace tallystick::base {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
  // As two words: the compiler would call memcmp.
  friend constexpr bool operator==(const Uuid& a, const Uuid& b) {
    using Words = std::array<std::uint64_t, 2>;
    const auto left = std::bit_cast<Words>(a.bytes);
    const auto right = std::bit_cast<Words>(b.bytes);
    return ((left[0] ^ right[0]) | (left[1] ^ right[1])) == 0;
  }
  [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }
};

// Exactly 8-4-4-4-12 hex digits, either case, any version. Error code: "bad_uuid".
[[nodiscard]] Result<Uuid> parse_uuid(std::string_view text);
// The same without an Error: false leaves `out` untouched. For the hot path.
[[nodiscard]] bool parse_uuid_into(std::string_view text, Uuid& out) noexcept;

[[nodiscard]] std::string format_uuid(const Uuid& id);
// Writes the 36 characters without a terminator.
void format_uuid_into(const Uuid& id, char* out) noexcept;

// Version 4: random. Version 7: ordered by time, so that indexes stay compact.
[[nodiscard]] Uuid make_uuid_v4(Random& random);
[[nodiscard]] Uuid make_uuid_v7(Timestamp now, Random& random);

// For containers that use all bits of a hash: the low ones know nothing of an id's last bytes. Whoever wants ids that
// meet can find some.
struct UuidHash {
  std::size_t operator()(const Uuid& id) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    return static_cast<std::size_t>((high ^ (low * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL);
  }
};

// For ids that others choose, and tables that take some bits of a hash as a place: every bit of an id moves every bit
// of its hash, and whoever does not know the seeds cannot choose ids that meet. Another one for each table.
class SeededUuidHash {
 public:
  SeededUuidHash();  // seeds of the operating system's randomness

  // `kind`: what is beside the id.
  [[nodiscard]] std::uint64_t operator()(const Uuid& id, std::uint8_t kind = 0) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    return fold(fold(high ^ seeds_[0], low ^ seeds_[1]) ^ kind, seeds_[2]);
  }

 private:
  // Both halves of the product.
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
  }

  std::array<std::uint64_t, 3> seeds_;  // the last one odd
};

}  // namespace tallystick::base
