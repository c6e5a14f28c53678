#pragma once
// Numbers for histories: a generator of 256 bits of state (the recurrence known as xoshiro256**), because millions of
// events need tens of millions of numbers. The same two seeds always give the same numbers. One thread. Never for salts
// or keys.

#include <array>
#include <bit>
#include <cstdint>

#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::cli {

class HistoryRandom {
 public:
  // Two seeds, so that every visit and every person has a generator of its own, whatever came before it.
  HistoryRandom(std::uint64_t seed, std::uint64_t stream) {
    std::uint64_t mixed = seed * 0x9E3779B97F4A7C15ULL ^ stream * 0xD1B54A32D192ED03ULL;
    for (std::uint64_t& word : state_) {
      mixed += 0x9E3779B97F4A7C15ULL;
      std::uint64_t value = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9ULL;
      value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
      word = value ^ value >> 31;
    }
  }

  [[nodiscard]] std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  // 0 to limit - 1; the limits here are so small that the unevenness does not matter. 0 for a limit of 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) {
    return static_cast<std::uint64_t>(static_cast<Wide>(next()) * limit >> 64);
  }
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  [[nodiscard]] bool happens(std::uint64_t times, std::uint64_t of) { return below(of) < times; }

  // Version 7, from the time and this generator.
  [[nodiscard]] base::Uuid make_id(base::Timestamp time) {
    base::Uuid id;
    const auto milliseconds = static_cast<std::uint64_t>(time.us / base::kMicrosPerMilli);
    for (std::size_t i = 0; i < 6; ++i) {
      id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
    }
    const std::uint64_t high = next();
    const std::uint64_t low = next();
    id.bytes[6] = static_cast<std::uint8_t>(0x70U | (high & 0x0FU));
    id.bytes[7] = static_cast<std::uint8_t>(high >> 8);
    for (std::size_t i = 0; i < 8; ++i) {
      id.bytes[8 + i] = static_cast<std::uint8_t>(low >> (8 * i));
    }
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
    return id;
  }

 private:
  __extension__ using Wide = unsigned __int128;
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace tallystick::cli
