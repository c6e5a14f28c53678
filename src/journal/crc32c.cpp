#include "journal/crc32c.h"

#include <array>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif

namespace tallystick::journal {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41 with its bits reversed

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1U) != 0 ? kPolynomial : 0U);
    }
    table[i] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = make_table();

}  // namespace

std::uint32_t crc32c_table(std::span<const std::uint8_t> bytes, std::uint32_t previous) {
  std::uint32_t crc = ~previous;
  for (const std::uint8_t byte : bytes) {
    crc = kTable[(crc ^ byte) & 0xFFU] ^ (crc >> 8);
  }
  return ~crc;
}

#if defined(__SSE4_2__)

namespace {

// The last `count` bytes, 1 to 7, as a number.
std::uint64_t load_last(std::span<const std::uint8_t> bytes, std::size_t count) {
  std::uint64_t word = 0;
  if (bytes.size() >= sizeof(word)) {
    std::memcpy(&word, bytes.data() + bytes.size() - sizeof(word), sizeof(word));
    return word >> ((sizeof(word) - count) * 8);
  }
  std::memcpy(&word, bytes.data(), count);
  return word;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t previous) {
  std::uint64_t crc = ~previous;
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  // The last one to seven bytes at once: a loop over them costs more than all before. In front of zero the register
  // stays zero however many zero bytes it takes, so they are moved to the end of a word of zeros; what they do not
  // reach of the register is added afterwards.
  if (left > 0) {
    const unsigned bits = static_cast<unsigned>(left) * 8;
    const std::uint64_t met = crc ^ load_last(bytes, left);
    crc = _mm_crc32_u64(0, met << (64 - bits)) ^ (crc >> bits);
  }
  return ~static_cast<std::uint32_t>(crc);
}

#else

std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t previous) {
  return crc32c_table(bytes, previous);
}

#endif

}  // namespace tallystick::journal
