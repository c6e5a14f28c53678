#pragma once
// CRC-32C (Castagnoli, RFC 3720 appendix B.4), which guards every byte of the journal's files. Pure;
// the SSE4.2 instruction where the processor has it, a table elsewhere.

#include <cstdint>
#include <span>

namespace tallystick::journal {

// Continues from `previous`, the checksum of the bytes before.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t previous = 0);

// The table form, for processors without the instruction and to check the other one against.
[[nodiscard]] std::uint32_t crc32c_table(std::span<const std::uint8_t> bytes, std::uint32_t previous = 0);

}  // namespace tallystick::journal
