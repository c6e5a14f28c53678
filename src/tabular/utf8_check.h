#pragma once
// Whether a text that comes in pieces is UTF-8 (RFC 3629), and in which line it is not. One thread.

#include <cstdint>
#include <string_view>

namespace tallystick::tabular {

class Utf8Check {
 public:
  void take(std::string_view piece);
  // The text ends here: half a character is none.
  void finish() { is_good_ = is_good_ && missing_ == 0; }

  [[nodiscard]] bool is_good() const { return is_good_; }
  // From 1: where it was found bad, or where it ended.
  [[nodiscard]] std::int64_t line() const { return line_; }

 private:
  [[nodiscard]] bool begin_character(std::uint8_t byte);

  bool is_good_ = true;
  std::int64_t line_ = 1;
  int missing_ = 0;  // bytes of the character that was begun
  std::uint8_t least_ = 0x80;
  std::uint8_t most_ = 0xBF;  // of its next byte
};

}  // namespace tallystick::tabular
