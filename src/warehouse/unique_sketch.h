#pragma once
// An estimate of how many different 64-bit values were seen, as the state that ClickHouse's uniqCombined64(precision)
// keeps of them: it merges with states that the engine made. Up to 16 hashes as a list, up to 2^(precision - 5) as a
// set, beyond that HyperLogLog with 2^precision registers of six bits, off by 1.04 / sqrt(2^precision) or so. What a
// state looks like is part of ClickHouse's tables on disk, which newer versions read; a test compares with the engine.
// One thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tallystick::warehouse {

// The finaliser of MurmurHash3, by which ClickHouse mixes whole numbers.
[[nodiscard]] inline std::uint64_t mix_whole_number(std::uint64_t value) {
  value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCDULL;
  value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53ULL;
  return value ^ (value >> 33);
}

class UniqueSketch {
 public:
  // 12 to 15: narrower and wider ones look different.
  explicit UniqueSketch(unsigned precision);

  void add(std::uint64_t value);
  // All that the other one, of the same precision, has seen.
  void add_all(const UniqueSketch& other);
  [[nodiscard]] bool is_empty() const { return hashes_.empty() && !has_registers_; }
  // The state as it stands in the Native format.
  void append_state(std::string& out);

  [[nodiscard]] unsigned precision() const { return precision_; }
  // Forgets all values and keeps the memory of hashes.
  void clear();

 private:
  [[nodiscard]] std::size_t max_hashes() const { return 1UZ << (precision_ - 5); }
  void add_hash(std::uint64_t hash);
  void add_register(std::uint64_t hash);
  void remove_repeated();
  void enlarge();
  void append_registers(std::string& out) const;

  unsigned precision_;
  bool has_registers_ = false;
  std::vector<std::uint64_t> hashes_;    // some of them more than once
  std::vector<std::uint8_t> registers_;  // the greatest rank of each
};

}  // namespace tallystick::warehouse
