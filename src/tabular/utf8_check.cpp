#include "tabular/utf8_check.h"

#include <algorithm>
#include <cstring>

namespace tallystick::tabular {

// RFC 3629, section 4: which second bytes keep a character shortest, no surrogate and in range.
bool Utf8Check::begin_character(std::uint8_t byte) {
  least_ = 0x80;
  most_ = 0xBF;
  if (byte < 0x80) {
    line_ += byte == '\n' ? 1 : 0;
    return true;
  }
  if (byte >= 0xC2 && byte <= 0xDF) {
    missing_ = 1;
  } else if (byte >= 0xE0 && byte <= 0xEF) {
    missing_ = 2;
    least_ = byte == 0xE0 ? 0xA0 : 0x80;
    most_ = byte == 0xED ? 0x9F : 0xBF;
  } else if (byte >= 0xF0 && byte <= 0xF4) {
    missing_ = 3;
    least_ = byte == 0xF0 ? 0x90 : 0x80;
    most_ = byte == 0xF4 ? 0x8F : 0xBF;
  } else {
    return false;
  }
  return true;
}

void Utf8Check::take(std::string_view piece) {
  constexpr std::size_t kBlockBytes = 8;
  constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080ULL;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    std::uint64_t block = kHighBits;
    while (missing_ == 0 && i + kBlockBytes <= piece.size()) {
      std::memcpy(&block, piece.data() + i, kBlockBytes);
      if ((block & kHighBits) != 0) {
        break;
      }
      line_ += std::count(piece.data() + i, piece.data() + i + kBlockBytes, '\n');
      i += kBlockBytes;
    }
    if (i == piece.size()) {
      return;
    }
    const auto byte = static_cast<std::uint8_t>(piece[i]);
    if (missing_ == 0) {
      is_good_ = begin_character(byte);
    } else {
      is_good_ = byte >= least_ && byte <= most_;
      --missing_;
      least_ = 0x80;
      most_ = 0xBF;
    }
    if (!is_good_) {
      return;
    }
  }
}

}  // namespace tallystick::tabular
