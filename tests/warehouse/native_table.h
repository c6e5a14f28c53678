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

// Values as text, by column: numbers in decimal, UUIDs in their 36 characters, times as microseconds, dates as days.
class NativeTable {
 public:
  explicit NativeTable(const Block& block) {
    bytes_.resize(block.serialised_bytes());
    block.serialise(bytes_);
    if (block.empty()) {
      return;
    }
    const std::uint64_t columns = varint();
    rows_ = varint();
    for (std::uint64_t column = 0; column < columns; ++column) {
      const std::string name = text();
      const std::string type = text();
      if (type == "LowCardinality(String)") {
        values_[name] = low_cardinality();
        continue;
      }
      if (type == "Array(Date)") {
        values_[name] = arrays_of_dates();
        continue;
      }
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
  // All of a column.
  [[nodiscard]] const std::vector<std::string>& column(const std::string& name) const { return values_.at(name); }
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
  Number raw() {
    Number value;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  template <typename Number>
  std::string number() {
    return std::to_string(raw<Number>());
  }
  std::uint64_t index(std::uint64_t type) {
    switch (type) {
      case 0:
        return raw<std::uint8_t>();
      case 1:
        return raw<std::uint16_t>();
      case 2:
        return raw<std::uint32_t>();
      default:
        throw std::logic_error("no such type of index");
    }
  }
  // A version; the index's type (low byte) with flags: the dictionary comes along (512) and replaces one (1024); the
  // dictionary; a number of it for each row.
  std::vector<std::string> low_cardinality() {
    const auto version = raw<std::uint64_t>();
    const auto type = raw<std::uint64_t>();
    if (version != 1 || (type & ~0xFFULL) != 1536) {
      throw std::logic_error("not a dictionary per block");
    }
    std::vector<std::string> dictionary(raw<std::uint64_t>());
    for (std::string& entry : dictionary) {
      entry = text();
    }
    std::vector<std::string> values(raw<std::uint64_t>());
    for (std::string& value : values) {
      value = dictionary.at(index(type & 0xFF));
    }
    if (values.size() != rows_) {
      throw std::logic_error("another number of rows");
    }
    return values;
  }
  // Where each row's values end, then all values; as "1,2".
  std::vector<std::string> arrays_of_dates() {
    std::vector<std::uint64_t> ends(rows_);
    for (std::uint64_t& end : ends) {
      end = raw<std::uint64_t>();
    }
    std::vector<std::string> values;
    std::uint64_t at = 0;
    for (const std::uint64_t end : ends) {
      std::string& value = values.emplace_back();
      for (; at < end; ++at) {
        value += (value.empty() ? "" : ",") + number<std::uint16_t>();
      }
    }
    return values;
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
    if (type == "UInt16" || type == "Date") {
      return number<std::uint16_t>();
    }
    if (type == "UInt32" || type == "DateTime('UTC')") {
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
