#include "warehouse/block.h"

#include <bit>
#include <cstring>
#include <stdexcept>

namespace tallystick::warehouse {

namespace {

static_assert(std::endian::native == std::endian::little, "the Native format is little-endian");

std::string_view wire_name(ColumnType type) {
  switch (type) {
    case ColumnType::kUInt8:
      return "UInt8";
    case ColumnType::kUInt16:
      return "UInt16";
    case ColumnType::kUInt32:
      return "UInt32";
    case ColumnType::kUInt64:
      return "UInt64";
    case ColumnType::kInt32:
      return "Int32";
    case ColumnType::kInt64:
      return "Int64";
    case ColumnType::kBool:
      return "Bool";
    case ColumnType::kEnum8:
      return "Int8";  // the table's Enum8 takes its numbers
    case ColumnType::kDateTime64:
      return "DateTime64(6, 'UTC')";
    case ColumnType::kUuid:
      return "UUID";
    case ColumnType::kString:
      return "String";
    case ColumnType::kDateArray:
      return "Array(Date)";
  }
  throw std::logic_error("a column of no type");
}

template <typename Number>
void append_number(std::string& out, Number value) {
  char bytes[sizeof(Number)];
  std::memcpy(bytes, &value, sizeof(Number));
  out.append(bytes, sizeof(Number));
}

// LEB128.
void append_length(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void append_text(std::string& out, std::string_view value) {
  if (value.size() < 0x80) {
    out.push_back(static_cast<char>(value.size()));
  } else {
    append_length(out, value.size());
  }
  out.append(value);
}

}  // namespace

Block::Block(std::span<const BlockColumn> columns) {
  for (const BlockColumn& column : columns) {
    columns_.push_back({.spec = column, .bytes = {}, .offsets = {}});
    column_list_.append(column_list_.empty() ? "`" : ", `").append(column.name).append("`");
  }
}

Block::Column& Block::next(ColumnType type) {
  if (cursor_ >= columns_.size()) {
    throw std::logic_error("the row has no further column");
  }
  Column& column = columns_[cursor_];
  if (column.spec.type != type) {
    throw std::logic_error("column " + std::string(column.spec.name) + " is not of the type " +
                           std::string(wire_name(type)));
  }
  ++cursor_;
  return column;
}

template <typename Number>
Block& Block::append(ColumnType type, Number value) {
  append_number(next(type).bytes, value);
  return *this;
}

Block& Block::uint8(std::uint8_t value) {
  return append(ColumnType::kUInt8, value);
}

Block& Block::uint16(std::uint16_t value) {
  return append(ColumnType::kUInt16, value);
}

Block& Block::uint32(std::uint32_t value) {
  return append(ColumnType::kUInt32, value);
}

Block& Block::uint64(std::uint64_t value) {
  return append(ColumnType::kUInt64, value);
}

Block& Block::int32(std::int32_t value) {
  return append(ColumnType::kInt32, value);
}

Block& Block::int64(std::int64_t value) {
  return append(ColumnType::kInt64, value);
}

Block& Block::boolean(bool value) {
  return append(ColumnType::kBool, static_cast<std::uint8_t>(value ? 1 : 0));
}

Block& Block::enumerator(std::int8_t value) {
  return append(ColumnType::kEnum8, value);
}

Block& Block::time(base::Timestamp value) {
  return append(ColumnType::kDateTime64, value.us);
}

Block& Block::uuid(const base::Uuid& value) {
  // Two 64-bit numbers, the first one the first eight bytes; each little-endian.
  char swapped[16];
  for (std::size_t i = 0; i < 8; ++i) {
    swapped[i] = static_cast<char>(value.bytes[7 - i]);
    swapped[8 + i] = static_cast<char>(value.bytes[15 - i]);
  }
  next(ColumnType::kUuid).bytes.append(swapped, sizeof(swapped));
  return *this;
}

Block& Block::text(std::string_view value) {
  append_text(next(ColumnType::kString).bytes, value);
  return *this;
}

Block& Block::dates(std::span<const std::uint16_t> days) {
  Column& column = next(ColumnType::kDateArray);
  for (const std::uint16_t day : days) {
    append_number(column.bytes, day);
  }
  column.count += days.size();
  append_number(column.offsets, column.count);
  return *this;
}

void Block::end_row() {
  if (cursor_ != columns_.size()) {
    throw std::logic_error("the row ends before column " + std::string(columns_[cursor_].spec.name));
  }
  cursor_ = 0;
  ++rows_;
}

std::size_t Block::bytes() const {
  std::size_t sum = 0;
  for (const Column& column : columns_) {
    sum += column.bytes.size() + column.offsets.size();
  }
  return sum;
}

void Block::clear() {
  for (Column& column : columns_) {
    column.bytes.clear();
    column.offsets.clear();
    column.count = 0;
  }
  cursor_ = 0;
  rows_ = 0;
}

// https://clickhouse.com/docs/interfaces/formats/Native: columns, rows, then name, type and values of each column.
void Block::serialise(std::string& out) const {
  if (cursor_ != 0) {
    throw std::logic_error("the last row has not ended");
  }
  out.clear();
  append_length(out, columns_.size());
  append_length(out, rows_);
  for (const Column& column : columns_) {
    append_text(out, column.spec.name);
    append_text(out, wire_name(column.spec.type));
    out.append(column.offsets).append(column.bytes);
  }
}

}  // namespace tallystick::warehouse
