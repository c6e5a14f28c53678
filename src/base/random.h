#pragma once
// Randomness as something passed in. SystemRandom is the operating system's generator, buffered per
// thread; SeededRandom repeats itself, for tests and simulations only.

#include <cstdint>
#include <random>
#include <span>

namespace tallystick::base {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
  [[nodiscard]] std::uint64_t next_u64();
};

// Thread-safe. Throws std::system_error when the operating system gives no randomness.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

// One thread. Never for salts or keys.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::mt19937_64 engine_;
};

}  // namespace tallystick::base
