#pragma once
// Reads a block back from its Native bytes, so that tests can say what stands in which column. Written from
// ClickHouse's description of the format, not from Block.

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "warehouse/block.h"

namespace tallystick::warehouse {

// Values as text, by column: numbers in decimal, UUIDs in their 36 characters, times as microseconds.
class NativeTable {
 public:
  explicit NativeTable(const Block& block) {
    block.serialise(bytes_);
    if (block.empty()) {
      return;
    }
    const std::uint64_t columns = varint();
    rows_ = varint();
    for (std::uint64_t column = 0; column < columns; ++column) {
      const std::string name = text();
      const std::string type = text();
      for (std::uint64_t row = 0; row < rows_; ++row) {
        values_[name].push_back(value(type));
      }
    }
    if (at_ != bytes_.size()) {
      throw std::logic_error("bytes are left over");
    }
  }

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::string at(std::size_t row, const std::string& column) const { return values_.at(column).at(row); }
  // A whole row by column.
  [[nodiscard]] std::map<std::string, std::string> row(std::size_t row) const {
    std::map<std::string, std::string> out;
    for (const auto& [name, values] : values_) {
      out[name] = values.at(row);
    }
    return out;
  }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(bytes_.at(at_++));
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
  }
  std::string text() {
    const std::uint64_t size = varint();
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  template <typename Number>
  std::string number() {
    Number value;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return std::to_string(value);
  }
  std::string uuid() {
    base::Uuid id;
    for (std::size_t i = 0; i < 8; ++i) {
      id.bytes[7 - i] = static_cast<std::uint8_t>(bytes_[at_ + i]);
      id.bytes[15 - i] = static_cast<std::uint8_t>(bytes_[at_ + 8 + i]);
    }
    at_ += 16;
    return base::format_uuid(id);
  }
  std::string value(const std::string& type) {
    if (type == "String") {
      return text();
    }
    if (type == "UUID") {
      return uuid();
    }
    if (type == "UInt8" || type == "Bool") {
      return number<std::uint8_t>();
    }
    if (type.starts_with("Enum8") || type == "Int8") {
      return number<std::int8_t>();
    }
    if (type == "UInt16") {
      return number<std::uint16_t>();
    }
    if (type == "UInt32") {
      return number<std::uint32_t>();
    }
    if (type == "Int32") {
      return number<std::int32_t>();
    }
    if (type == "UInt64") {
      return number<std::uint64_t>();
    }
    if (type == "Int64" || type.starts_with("DateTime64(6")) {
      return number<std::int64_t>();
    }
    throw std::logic_error("no reader for " + type);
  }

  std::string bytes_;
  std::size_t at_ = 0;
  std::uint64_t rows_ = 0;
  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace tallystick::warehouse
