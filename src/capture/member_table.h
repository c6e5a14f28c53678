#pragma once
// Member names of an event, found with one hash and one comparison. The hash's multiplier is searched by the compiler,
// which fails when there is none. Immutable.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tallystick::capture {

// `Member` enumerators count from 0 in the order of the names.
template <typename Member, std::size_t kCount>
class MemberTable {
 public:
  consteval explicit MemberTable(const std::array<std::string_view, kCount>& names) : names_(names) {
    while (!fill()) {
      ++multiplier_;
    }
  }
  // False when there is no such name.
  [[nodiscard]] constexpr bool find(std::string_view name, Member& out) const {
    const std::uint8_t index = name.empty() ? kNothing : slots_[hash(name)];
    if (index == kNothing || names_[index] != name) {
      return false;
    }
    out = static_cast<Member>(index);
    return true;
  }
  [[nodiscard]] constexpr std::string_view name_of(Member member) const {
    return names_[static_cast<std::size_t>(member)];
  }

 private:
  static constexpr std::size_t kSlots = 256;
  static constexpr std::uint8_t kNothing = 255;

  [[nodiscard]] constexpr std::size_t hash(std::string_view name) const {
    const std::uint32_t mixed = static_cast<std::uint8_t>(name.front()) | static_cast<std::uint32_t>(name.size()) << 8 |
                                static_cast<std::uint32_t>(static_cast<std::uint8_t>(name.back())) << 16 |
                                static_cast<std::uint32_t>(static_cast<std::uint8_t>(name[name.size() / 2])) << 24;
    return mixed * multiplier_ >> 24;
  }
  constexpr bool fill() {
    slots_.fill(kNothing);
    for (std::size_t i = 0; i < kCount; ++i) {
      std::uint8_t& slot = slots_[hash(names_[i])];
      if (slot != kNothing) {
        return false;
      }
      slot = static_cast<std::uint8_t>(i);
    }
    return true;
  }

  std::array<std::string_view, kCount> names_;
  std::array<std::uint8_t, kSlots> slots_{};
  std::uint32_t multiplier_ = 0x9E3779B1;
};

}  // namespace tallystick::capture
