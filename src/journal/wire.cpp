#include "journal/wire.h"

#include <cstring>

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

bool WireReader::long_varint(std::uint64_t& value) {
  value = 0;
  for (unsigned i = 0; i < 10 && i < bytes_.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes_[i]);
    if (i == 9 && byte > 1) {
      break;  // more than 64 bits
    }
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      bytes_.remove_prefix(i + 1);
      return true;
    }
  }
  is_failed_ = true;
  return false;
}

bool WireReader::fixed_length(std::uint64_t& length) {
  switch (type_) {
    case WireType::kFixed64:
      length = 8;
      return true;
    case WireType::kFixed32:
      length = 4;
      return true;
    default:
      is_failed_ = true;
      return false;  // groups ended with proto2
  }
}

std::uint64_t WireReader::uint(std::uint64_t max) {
  if (type_ != WireType::kVarint || number_ > max) {
    is_failed_ = true;
    return 0;
  }
  return number_;
}

std::int64_t WireReader::sint() {
  const std::uint64_t zigzag = uint();
  return static_cast<std::int64_t>((zigzag >> 1) ^ (0 - (zigzag & 1U)));
}

std::string_view WireReader::bytes() {
  if (type_ != WireType::kBytes) {
    is_failed_ = true;
    return {};
  }
  return value_;
}

void WireReader::fixed(std::span<std::uint8_t> out) {
  const std::string_view value = bytes();
  if (value.size() != out.size()) {
    is_failed_ = true;
    return;
  }
  std::memcpy(out.data(), value.data(), out.size());
}

void WireReader::deltas(std::vector<std::uint64_t>& values) {
  const std::string_view outer = bytes_;
  bytes_ = bytes();
  std::uint64_t previous = 0;
  bool is_first = true;
  while (!is_failed_ && !bytes_.empty()) {
    std::uint64_t delta = 0;
    if (!varint(delta)) {
      break;
    }
    if ((delta == 0 && !is_first) || delta > UINT64_MAX - previous) {
      is_failed_ = true;
      break;
    }
    previous += delta;
    is_first = false;
    values.push_back(previous);
  }
  bytes_ = outer;
}

}  // namespace tallystick::journal
