#pragma once
// The Protocol Buffers wire format, as far as the record fields need it: varints, length-delimited
// bytes, and packed deltas. WireReader checks every length and stays failed after the first error. One thread.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tallystick::journal {

inline void put_varint(std::uint64_t value, std::string& out) {
  char bytes[10];
  std::size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}

// Absent when zero, as in proto3.
inline void put_uint(unsigned field, std::uint64_t value, std::string& out) {
  if (value != 0) {
    put_varint(static_cast<std::uint64_t>(field) << 3, out);
    put_varint(value, out);
  }
}

// proto3 `optional`: present also when zero.
inline void put_present_uint(unsigned field, std::uint64_t value, std::string& out) {
  put_varint(static_cast<std::uint64_t>(field) << 3, out);
  put_varint(value, out);
}

// `sint64`: small negative amounts stay small.
inline void put_sint(unsigned field, std::int64_t value, std::string& out) {
  put_uint(field, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63), out);
}

// Absent when empty.
inline void put_bytes(unsigned field, std::string_view bytes, std::string& out) {
  if (!bytes.empty()) {
    put_varint(static_cast<std::uint64_t>(field) << 3 | 2U, out);
    put_varint(bytes.size(), out);
    out.append(bytes);
  }
}

// Ascending numbers as packed differences; the first one is the difference from zero.
void put_deltas(unsigned field, std::span<const std::uint64_t> values, std::string& out);

// Inline, and with nothing that takes its address: so a decoder keeps it in registers, and reading a log is mostly
// this.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // Moves to the next field; false at the end or after an error.
  [[nodiscard, gnu::always_inline]] bool next() {
    if (is_failed_ || at_ == end_) {
      return false;
    }
    std::uint64_t tag = 0;
    if (!varint(tag)) {
      return false;
    }
    field_ = static_cast<unsigned>(tag >> 3);
    type_ = static_cast<WireType>(tag & 7U);
    if (tag - kFirstTag > UINT32_MAX - kFirstTag) {
      is_failed_ = true;
      return false;
    }
    if (type_ == WireType::kVarint) {
      return varint(number_);
    }
    std::uint64_t length = 0;
    if (type_ == WireType::kBytes ? !varint(length) : !fixed_length(length)) {
      return false;
    }
    if (length > static_cast<std::uint64_t>(end_ - at_)) {
      is_failed_ = true;
      return false;
    }
    value_ = std::string_view(at_, static_cast<std::size_t>(length));
    at_ += length;
    return true;
  }
  // next(), if the next field is this one, of 1 to 31, and in the form that writers give it; else nothing happens.
  // Short, for it is written out once a field.
  [[nodiscard, gnu::always_inline]] bool next_is(unsigned field) {
    const std::size_t tag_size = field < 16 ? 1 : 2;
    const std::size_t left = static_cast<std::size_t>(end_ - at_);
    if (is_failed_ || left < tag_size + 1 || byte(0) >> 3 != field || (tag_size == 2 && byte(1) != 1)) {
      return false;
    }
    const auto type = static_cast<WireType>(byte(0) & 7U);
    const std::size_t value = byte(tag_size);
    if (type == WireType::kBytes && value <= std::min<std::size_t>(0x7F, left - tag_size - 1)) {
      value_ = std::string_view(at_ + tag_size + 1, value);
      at_ += tag_size + 1 + value;
    } else if (type == WireType::kVarint && value < 0x80) {
      number_ = value;
      at_ += tag_size + 1;
    } else if (type == WireType::kVarint) {
      const Varint read = read_varint(at_ + tag_size, end_);
      if (read.after == nullptr) {
        return false;
      }
      number_ = read.value;
      at_ = read.after;
    } else {
      return false;
    }
    field_ = field;
    type_ = type;
    return true;
  }
  [[nodiscard]] unsigned field() const { return field_; }
  [[nodiscard]] bool is_failed() const { return is_failed_; }
  void set_failed() { is_failed_ = true; }

  // The value of the present field; a value of another wire type or above `max` fails the reader.
  [[nodiscard, gnu::always_inline]] std::uint64_t uint(std::uint64_t max = UINT64_MAX) {
    if (type_ != WireType::kVarint || number_ > max) {
      is_failed_ = true;
      return 0;
    }
    return number_;
  }
  [[nodiscard, gnu::always_inline]] std::int64_t sint() {
    const std::uint64_t zigzag = uint();
    return static_cast<std::int64_t>((zigzag >> 1) ^ (0 - (zigzag & 1U)));
  }
  [[nodiscard, gnu::always_inline]] bool boolean() { return uint(1) != 0; }
  [[nodiscard, gnu::always_inline]] std::string_view bytes() {
    if (type_ != WireType::kBytes) {
      is_failed_ = true;
      return {};
    }
    return value_;
  }
  // Into an array; any other length fails the reader.
  template <std::size_t Size>
  [[gnu::always_inline]] void fixed(std::span<std::uint8_t, Size> out) {
    const std::string_view value = bytes();
    if (value.size() != out.size()) {
      is_failed_ = true;
      return;
    }
    std::memcpy(out.data(), value.data(), out.size());
  }
  template <std::size_t Size>
  [[gnu::always_inline]] void fixed(std::array<std::uint8_t, Size>& out) {
    fixed(std::span<std::uint8_t, Size>(out));
  }
  // The opposite of put_deltas(): strictly ascending or failed.
  void deltas(std::vector<std::uint64_t>& values) {
    if (!read_deltas(bytes(), values)) {
      is_failed_ = true;
    }
  }

 private:
  struct Varint {
    std::uint64_t value = 0;
    const char* after = nullptr;  // null: there is none
  };

  [[nodiscard]] std::uint8_t byte(std::size_t i) const { return static_cast<std::uint8_t>(at_[i]); }

  // Most are one byte or two.
  [[nodiscard, gnu::always_inline]] bool varint(std::uint64_t& value) {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) {
      value = static_cast<std::uint8_t>(*at_++);
      return true;
    }
    if (end_ - at_ > 1 && static_cast<std::uint8_t>(at_[1]) < 0x80) {
      value = (static_cast<std::uint8_t>(at_[0]) & 0x7FU) | static_cast<unsigned>(static_cast<std::uint8_t>(at_[1]))
                                                                << 7;
      at_ += 2;
      return true;
    }
    const Varint read = read_varint(at_, end_);
    if (read.after == nullptr) {
      is_failed_ = true;
      return false;
    }
    value = read.value;
    at_ = read.after;
    return true;
  }
  // Of a value that is no number and does not say its length.
  [[nodiscard]] bool fixed_length(std::uint64_t& length) {
    length = type_ == WireType::kFixed64 ? 8 : 4;
    if (type_ != WireType::kFixed64 && type_ != WireType::kFixed32) {
      is_failed_ = true;  // groups ended with proto2
    }
    return !is_failed_;
  }
  [[nodiscard]] static Varint read_varint(const char* at, const char* end);
  [[nodiscard]] static bool read_deltas(std::string_view bytes, std::vector<std::uint64_t>& values);

  static constexpr std::uint64_t kFirstTag = 8;  // field 1: there is no field 0
  enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  const char* at_;
  const char* end_;
  unsigned field_ = 0;
  WireType type_ = WireType::kVarint;
  std::uint64_t number_ = 0;
  std::string_view value_;
  bool is_failed_ = false;
};

}  // namespace tallystick::journal
