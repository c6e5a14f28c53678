#include "warehouse/unique_sketch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>

#include "warehouse/native_format.h"

namespace tallystick::warehouse {
namespace {

constexpr std::size_t kMaxList = 16;
constexpr std::size_t kRepetition = 2;  // so many hashes are held for each that may differ
constexpr unsigned kRankBits = 6;
constexpr unsigned kMinPrecision = 12;
constexpr unsigned kMaxPrecision = 15;

// How a state begins.
constexpr char kHashList = 1;
constexpr char kHashSet = 2;
constexpr char kHashRegisters = 3;

void append_number(std::string& out, const auto& number) {
  static_assert(std::endian::native == std::endian::little, "states are little-endian");
  std::array<char, sizeof(number)> bytes{};
  std::memcpy(bytes.data(), &number, sizeof(number));
  out.append(bytes.data(), bytes.size());
}

}  // namespace

UniqueSketch::UniqueSketch(unsigned precision) : precision_(precision) {
  if (precision < kMinPrecision || precision > kMaxPrecision) {
    throw std::invalid_argument("a sketch has 12 to 15 bits");
  }
}

void UniqueSketch::add(std::uint64_t value) {
  add_hash(mix_whole_number(value));
}

void UniqueSketch::add_all(const UniqueSketch& other) {
  if (other.has_registers_) {
    if (!has_registers_) {
      enlarge();
    }
    std::ranges::transform(registers_, other.registers_, registers_.begin(), [](std::uint8_t a, std::uint8_t b) {
      return std::max(a, b);
    });
    return;
  }
  for (const std::uint64_t hash : other.hashes_) {
    add_hash(hash);
  }
}

void UniqueSketch::add_hash(std::uint64_t hash) {
  if (has_registers_) {
    add_register(hash);
    return;
  }
  if (!hashes_.empty() && hashes_.back() == hash) {
    return;
  }
  if (hashes_.size() == kRepetition * max_hashes()) {
    remove_repeated();
    if (hashes_.size() > max_hashes()) {
      enlarge();
      add_register(hash);
      return;
    }
  }
  hashes_.push_back(hash);
}

// The rank of a hash: how many zero bits follow the lowest `precision` bits, and one.
void UniqueSketch::add_register(std::uint64_t hash) {
  const std::uint64_t rest = hash >> precision_;
  const unsigned max_rank = 64 - precision_ + 1;
  const unsigned rank = rest == 0 ? max_rank : static_cast<unsigned>(std::countr_zero(rest)) + 1;
  std::uint8_t& place = registers_[static_cast<std::size_t>(hash) & (registers_.size() - 1)];
  place = std::max(place, static_cast<std::uint8_t>(rank));
}

// With a table that stays in the cache: kept for each sketch, tables would be most of what counting a batch touches.
void UniqueSketch::remove_repeated() {
  std::array<std::uint64_t, 4 * kRepetition << (kMaxPrecision - 5)> table;
  const std::span places(table.data(), std::bit_ceil(2 * hashes_.size() + 1));
  std::ranges::fill(places, 0U);
  const std::size_t mask = places.size() - 1;
  bool has_zero = false;
  std::erase_if(hashes_, [&](std::uint64_t hash) {
    if (hash == 0) {
      return std::exchange(has_zero, true);
    }
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    while (places[at] != 0 && places[at] != hash) {
      at = (at + 1) & mask;
    }
    return std::exchange(places[at], hash) == hash;
  });
}

void UniqueSketch::enlarge() {
  registers_.assign(1UZ << precision_, 0);
  has_registers_ = true;
  std::ranges::for_each(hashes_, [this](std::uint64_t hash) { add_register(hash); });
}

void UniqueSketch::append_state(std::string& out) {
  if (!has_registers_) {
    remove_repeated();
    if (hashes_.size() > max_hashes()) {
      enlarge();
    }
  }
  if (has_registers_) {
    append_registers(out);
    return;
  }
  out.push_back(hashes_.size() <= kMaxList ? kHashList : kHashSet);
  append_length(out, hashes_.size());
  for (const std::uint64_t hash : hashes_) {
    append_number(out, hash);
  }
}

// The registers one behind the other, then how many there are of each rank, then how many are empty.
void UniqueSketch::append_registers(std::string& out) const {
  out.push_back(kHashRegisters);
  const std::size_t max_rank = 64 - precision_ + 1;
  std::array<std::uint32_t, 64> counts{};
  std::array<char, 3> bytes{};
  for (std::size_t at = 0; at < registers_.size(); at += 4) {  // four of six bits are three bytes
    std::uint32_t packed = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      ++counts[registers_[at + i]];
      packed |= std::uint32_t{registers_[at + i]} << (i * kRankBits);
    }
    std::memcpy(bytes.data(), &packed, bytes.size());
    out.append(bytes.data(), bytes.size());
  }
  for (std::size_t rank = 0; rank <= max_rank; ++rank) {
    append_number(out, counts[rank]);
  }
  append_number(out, static_cast<std::uint16_t>(counts[0]));
}

void UniqueSketch::clear() {
  hashes_.clear();
  registers_ = {};  // few sketches have them, and which ones changes: kept, every sketch would have had them once
  has_registers_ = false;
}

}  // namespace tallystick::warehouse
