#pragma once
// Numbers and texts as ClickHouse's Native format has them: https://clickhouse.com/docs/interfaces/formats/Native

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tallystick::warehouse {

// LEB128.
inline void append_length(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

inline void append_text(std::string& out, std::string_view value) {
  append_length(out, value.size());
  out.append(value);
}

}  // namespace tallystick::warehouse
