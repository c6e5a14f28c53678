#pragma once
// How often a crash test kills: more for a soak, fewer while something is being written. Pure.

#include <cstdlib>

namespace tallystick::crash {

inline constexpr unsigned kUsualRounds = 50;

// `usual`, or its share of CRASH_ROUNDS where that is set: 50 is as usual.
[[nodiscard]] inline unsigned rounds(unsigned usual = kUsualRounds) {
  const char* wanted = std::getenv("CRASH_ROUNDS");
  return wanted == nullptr
             ? usual
             : static_cast<unsigned>((std::strtoul(wanted, nullptr, 10) * usual + kUsualRounds - 1) / kUsualRounds);
}

}  // namespace tallystick::crash
