#pragma once
// Rows on their way into a table: typed columns, appended to row by row and serialised in ClickHouse's Native format,
// which the engine takes in without parsing. A value goes straight to its place in its column; clear() keeps the
// memory, so that a block that is used again allocates nothing. Values come in the order of the columns; a wrong type,
// or a row that ends too early, is a programming error (std::logic_error). One thread.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/huge_pages.h"
#include "base/time.h"
#include "base/uuid.h"
#include "warehouse/text_dictionary.h"

namespace tallystick::warehouse {

enum class ColumnType : std::uint8_t {
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kInt32,
  kInt64,
  kBool,
  kEnum8,       // sent as its number, which nobody checks: it must be one the table has
  kDateTime64,  // microseconds, UTC
  kUuid,
  kLowCardinality,  // a text of which there are few different ones: LowCardinality(String)
  kString,
  kDateArray,
};

struct BlockColumn {
  std::string_view name;  // must outlive the block
  ColumnType type = ColumnType::kUInt64;
};

class Block {
 public:
  explicit Block(std::span<const BlockColumn> columns);

  // A row: block.uint32(log_id).uint64(sequence).uuid(id) ... .end_row();
  Block& uint8(std::uint8_t value) { return put(ColumnType::kUInt8, value); }
  Block& uint16(std::uint16_t value) { return put(ColumnType::kUInt16, value); }
  Block& uint32(std::uint32_t value) { return put(ColumnType::kUInt32, value); }
  Block& uint64(std::uint64_t value) { return put(ColumnType::kUInt64, value); }
  Block& int32(std::int32_t value) { return put(ColumnType::kInt32, value); }
  Block& int64(std::int64_t value) { return put(ColumnType::kInt64, value); }
  Block& boolean(bool value) { return put(ColumnType::kBool, static_cast<std::uint8_t>(value ? 1 : 0)); }
  Block& enumerator(std::int8_t value) { return put(ColumnType::kEnum8, value); }
  Block& time(base::Timestamp value) { return put(ColumnType::kDateTime64, value.us); }
  Block& uuid(const base::Uuid& value);
  // For kString and kLowCardinality.
  Block& text(std::string_view value);
  Block& dates(std::span<const std::uint16_t> days);  // days since 1970-01-01
  void end_row();

  // Of a row that has ended.
  void replace_uint16(std::size_t row, std::size_t column, std::uint16_t value);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] bool empty() const { return rows_ == 0; }
  // Of the data so far: what a limit on a batch looks at.
  [[nodiscard]] std::size_t bytes() const;
  // Removes all rows and keeps the memory.
  void clear();

  // The rows leave in this order: row order[0] first. Each row once; until clear().
  void set_order(std::vector<std::uint32_t> order) { order_ = std::move(order); }

  // "`log_id`, `sequence`": for INSERT INTO t (...).
  [[nodiscard]] const std::string& column_list() const { return column_list_; }
  // How many bytes serialise() writes.
  [[nodiscard]] std::size_t serialised_bytes() const;
  void serialise(std::span<char> out) const;

 private:
  struct Column {
    BlockColumn spec;
    std::size_t width = 0;          // of a value in `values`
    base::HugeVector<char> values;  // by row; numbers of texts; where a row begins in `bytes`
    std::string bytes;              // kString, kDateArray: what has no width
    TextDictionary texts;           // kLowCardinality
  };

  [[nodiscard]] static std::size_t width_of(ColumnType type);
  // The next value's column.
  [[nodiscard]] Column& next(ColumnType type) {
    if (cursor_ >= columns_.size() || columns_[cursor_].spec.type != type) [[unlikely]] {
      refuse(type);
    }
    if (rows_ == capacity_) [[unlikely]] {
      grow();
    }
    return columns_[cursor_++];
  }
  template <typename Number>
  void put_at_row(Column& column, Number value) const {
    std::memcpy(column.values.data() + rows_ * sizeof(Number), &value, sizeof(Number));
  }
  template <typename Number>
  Block& put(ColumnType type, Number value) {
    put_at_row(next(type), value);
    return *this;
  }
  [[noreturn]] void refuse(ColumnType type) const;
  void grow();

  // The n-th row that leaves.
  [[nodiscard]] std::size_t row_at(std::size_t n) const { return order_.empty() ? n : order_[n]; }
  // Of a column with `bytes`.
  [[nodiscard]] std::string_view bytes_of(const Column& column, std::size_t row) const;
  [[nodiscard]] std::size_t serialised_bytes(const Column& column) const;
  char* serialise(const Column& column, char* out) const;
  char* serialise_values(const Column& column, char* out) const;
  char* serialise_bytes(const Column& column, char* out) const;
  char* serialise_low_cardinality(const Column& column, char* out) const;

  std::vector<Column> columns_;
  std::string column_list_;
  std::vector<std::uint32_t> order_;  // empty: as they came
  std::size_t row_width_ = 0;         // of all columns
  std::size_t cursor_ = 0;
  std::size_t rows_ = 0;
  std::size_t capacity_ = 0;  // rows that `values` has room for
};

}  // namespace tallystick::warehouse
