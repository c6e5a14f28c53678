#include "journal/wire.h"

namespace tallystick::journal {

void put_deltas(unsigned field, std::span<const std::uint64_t> values, std::string& out) {
  std::string packed;
  packed.reserve(values.size() * 2);
  std::uint64_t previous = 0;
  for (const std::uint64_t value : values) {
    put_varint(value - previous, packed);
    previous = value;
  }
  put_bytes(field, packed, out);
}

WireReader::Varint WireReader::read_varint(const char* at, const char* end) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 10 && at != end; ++i) {
    const auto byte = static_cast<std::uint8_t>(*at++);
    if (i == 9 && byte > 1) {
      break;  // more than 64 bits
    }
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      return {value, at};
    }
  }
  return {};
}

bool WireReader::read_deltas(std::string_view bytes, std::vector<std::uint64_t>& values) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint64_t previous = 0;
  bool is_first = true;
  while (at != end) {
    const Varint delta = read_varint(at, end);
    if (delta.after == nullptr || (delta.value == 0 && !is_first) || delta.value > UINT64_MAX - previous) {
      return false;
    }
    at = delta.after;
    previous += delta.value;
    is_first = false;
    values.push_back(previous);
  }
  return true;
}

}  // namespace tallystick::journal
