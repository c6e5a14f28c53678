#pragma once
// Rows on their way into a table: appended one by one and serialised column by column in ClickHouse's Native format,
// which the engine takes in without parsing. Until then the values of a row lie side by side: in another order its rows
// are fetched from memory once each, not once a column. clear() keeps the memory, so that a block that is used again
// allocates nothing. Values come in the order of the columns; a wrong type, or a row that ends too early, is a
// programming error (std::logic_error). One thread.

#include <array>
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
#include "warehouse/stored_uuid.h"
#include "warehouse/text_dictionary.h"
#include "warehouse/unique_sketch.h"
#include "warehouse/uuid_dictionary.h"

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
  kDateTime,    // seconds, UTC
  kDate,        // days since 1970-01-01
  kUuid,
  kLowCardinality,  // a text of which there are few different ones: LowCardinality(String)
  kString,
  kDateArray,
  kSketch13,  // AggregateFunction(uniqCombined64(13), UInt64)
  kSketch14,
  // These take less room in a row; on the way they are what they are called after.
  kLowCardinality16,  // Block::kMaxDifferent texts at most
  kUuid16,            // a UUID, Block::kMaxDifferent different ones at most
  kUInt32Constant,    // the same in every row: no room at all
};

struct BlockColumn {
  std::string_view name;  // must outlive the block
  ColumnType type = ColumnType::kUInt64;
};

// The values of a column of a block, by row, while the block does not change.
template <typename Value>
class ColumnValues {
 public:
  ColumnValues(const char* first, std::size_t stride) : first_(first), stride_(stride) {}

  [[nodiscard]] Value operator[](std::size_t row) const {
    Value value;
    std::memcpy(&value, first_ + row * stride_, sizeof(value));
    return value;
  }

 private:
  const char* first_;
  std::size_t stride_;
};

class BlockRow;

class Block {
 public:
  static constexpr std::size_t kMaxDifferent = 1UZ << 16;

  explicit Block(std::span<const BlockColumn> columns);
  Block(Block&&) = default;
  Block& operator=(Block&&) = default;

  // The next row: one at a time.
  [[nodiscard]] BlockRow row();

  // Of a row that has ended.
  void replace_uint16(std::size_t row, std::size_t column, std::uint16_t value);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] bool empty() const { return rows_ == 0; }
  // Of the data so far: what a limit on a batch looks at.
  [[nodiscard]] std::size_t bytes() const;
  // Whether so many more rows find room, whatever is in them: columns of numbers of 16 bits take no more than
  // kMaxDifferent values; a row with another one is refused (std::length_error).
  [[nodiscard]] bool has_room_for(std::size_t rows) const;
  // Rows that there is memory for.
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  // From a row to the next in memory.
  [[nodiscard]] std::size_t stride() const { return stride_; }
  // Removes all rows and keeps the memory.
  void clear();

  // The rows leave in this order: row order[0] first. Each row once; until clear().
  void set_order(std::vector<std::uint32_t> order) { order_ = std::move(order); }
  [[nodiscard]] bool has_order() const { return !order_.empty(); }

  // The n-th row that leaves.
  [[nodiscard]] std::size_t row_at(std::size_t n) const { return order_.empty() ? n : order_[n]; }
  // Of a column whose values have the width of `Value`; std::logic_error otherwise.
  template <typename Value>
  [[nodiscard]] ColumnValues<Value> values(std::string_view column) const {
    return {place_of(0) + find(column, sizeof(Value)).begin, stride_};
  }
  // What the numbers of a column of kUuid16 stand for: values<std::uint16_t>(). std::logic_error for another.
  [[nodiscard]] const UuidDictionary& uuids(std::string_view column) const;
  // Values of the row's first columns will be asked for soon: so many cache lines of them, of 64 bytes each.
  void prefetch(std::size_t row, std::size_t lines) const;

  // "`log_id`, `sequence`": for INSERT INTO t (...).
  [[nodiscard]] const std::string& column_list() const { return column_list_; }
  // How many bytes serialise() writes.
  [[nodiscard]] std::size_t serialised_bytes() const;
  void serialise(std::span<char> out) const;

 private:
  friend class BlockRow;

  struct Column {
    BlockColumn spec;
    std::size_t width = 0;       // of a value
    std::size_t begin = 0;       // of the value in its row
    std::string bytes;           // kString, kDateArray, kSketch13, kSketch14: what has no width
    TextDictionary texts;        // kLowCardinality, kLowCardinality16
    UuidDictionary uuids;        // kUuid16
    std::uint32_t constant = 0;  // kUInt32Constant
  };
  // Memory comes in these, so that a row lies on as few as can be.
  struct alignas(64) CacheLine {
    char bytes[64];
  };
  // What a row needs of a column to put a value there. Behind the last column there is one without type.
  struct Cell {
    Column* column = nullptr;
    std::uint8_t type = kNoType;
  };
  static constexpr std::uint8_t kNoType = 0xFF;
  // Rows that are serialised at a time: together they stay in the cache until the last column has been taken from them.
  static constexpr std::size_t kRowsAtATime = 64;
  using RowPlaces = std::array<const char*, kRowsAtATime>;

  // The type's name on the way.
  [[nodiscard]] static std::string_view wire_name(ColumnType type);
  [[nodiscard]] static std::size_t width_of(ColumnType type);
  // Of a value on the way.
  [[nodiscard]] static std::size_t serialised_width_of(ColumnType type);
  [[noreturn]] static void refuse(const Cell& cell, ColumnType type);
  [[noreturn]] static void refuse_number(const Cell& cell);
  [[noreturn]] static void refuse_constant(const Cell& cell);
  [[noreturn]] static void refuse_end(const Cell& cell);
  [[noreturn]] static void refuse_second_row();
  // Where the value begins in its column's bytes.
  [[nodiscard]] static std::uint64_t append_text(const Cell& cell, std::string_view value);
  [[nodiscard]] static std::uint64_t append_dates(const Cell& cell, std::span<const std::uint16_t> days);
  [[nodiscard]] static std::uint64_t append_state(const Cell& cell, UniqueSketch& sketch);
  [[nodiscard]] static std::uint16_t short_number(const Cell& cell, std::uint32_t number) {
    if (number >= kMaxDifferent) [[unlikely]] {
      refuse_number(cell);
    }
    return static_cast<std::uint16_t>(number);
  }
  // std::logic_error if there is no such column of values of that width.
  [[nodiscard]] const Column& find(std::string_view column, std::size_t width) const;
  void grow();

  [[nodiscard]] const char* place_of(std::size_t row) const {
    return reinterpret_cast<const char*>(memory_.data()) + row * stride_;
  }
  [[nodiscard]] char* place_of(std::size_t row) { return reinterpret_cast<char*>(memory_.data()) + row * stride_; }
  // Of a column with `bytes`.
  [[nodiscard]] std::string_view bytes_of(const Column& column, std::size_t row) const;
  // Of a column: its name and type, and a dictionary; then what there is for each row.
  [[nodiscard]] std::size_t head_bytes(const Column& column) const;
  [[nodiscard]] std::size_t body_bytes(const Column& column) const;
  char* serialise_head(const Column& column, char* out) const;
  void serialise_bytes(const Column& column, char* out) const;
  void serialise_rows(std::vector<char*>& outs) const;
  // The values of some rows in one column.
  static char* serialise_values(const Column& column, std::span<const char* const> rows, char* out);

  std::vector<Column> columns_;
  std::vector<Cell> cells_;
  // By row: values, numbers of texts, where the row begins in `bytes`. Rows leave in another order than they came, so
  // each is on a page of its own.
  base::HugeVector<CacheLine> memory_;
  std::string column_list_;
  std::vector<std::uint32_t> order_;  // empty: as they came
  std::size_t row_width_ = 0;         // of what is serialised of a row, texts apart
  std::size_t stride_ = 0;            // from a row to the next
  std::size_t rows_ = 0;
  std::size_t capacity_ = 0;
  bool has_open_row_ = false;
};

// A row on its way into its block, which has it when it has ended:
// block.row().uint32(log_id).uint64(sequence).uuid(id) ... .end();
// Inline, apart from the block, and nothing takes its address: where it stands stays in a register.
class BlockRow {
 public:
  [[gnu::always_inline]] BlockRow& uint8(std::uint8_t value) { return put(ColumnType::kUInt8, value); }
  [[gnu::always_inline]] BlockRow& uint16(std::uint16_t value) { return put(ColumnType::kUInt16, value); }
  [[gnu::always_inline]] BlockRow& uint32(std::uint32_t value) { return put(ColumnType::kUInt32, value); }
  [[gnu::always_inline]] BlockRow& uint64(std::uint64_t value) { return put(ColumnType::kUInt64, value); }
  [[gnu::always_inline]] BlockRow& int32(std::int32_t value) { return put(ColumnType::kInt32, value); }
  [[gnu::always_inline]] BlockRow& int64(std::int64_t value) { return put(ColumnType::kInt64, value); }
  [[gnu::always_inline]] BlockRow& boolean(bool value) {
    return put(ColumnType::kBool, static_cast<std::uint8_t>(value ? 1 : 0));
  }
  [[gnu::always_inline]] BlockRow& enumerator(std::int8_t value) { return put(ColumnType::kEnum8, value); }
  [[gnu::always_inline]] BlockRow& time(base::Timestamp value) { return put(ColumnType::kDateTime64, value.us); }
  // Seconds since 1970-01-01T00:00:00Z.
  [[gnu::always_inline]] BlockRow& second(std::uint32_t value) { return put(ColumnType::kDateTime, value); }
  // Days since 1970-01-01.
  [[gnu::always_inline]] BlockRow& day(std::uint16_t value) { return put(ColumnType::kDate, value); }
  [[gnu::always_inline]] BlockRow& uuid(const base::Uuid& value) { return stored_uuid(StoredUuid(value)); }
  [[gnu::always_inline]] BlockRow& stored_uuid(const StoredUuid& value) { return put(ColumnType::kUuid, value); }
  [[gnu::always_inline]] BlockRow& uuid16(const base::Uuid& value) {
    if (cell_->type != static_cast<std::uint8_t>(ColumnType::kUuid16)) [[unlikely]] {
      Block::refuse(*cell_, ColumnType::kUuid16);
    }
    const std::uint32_t number = cell_->column->uuids.number_of(StoredUuid(value));
    return put(ColumnType::kUuid16, Block::short_number(*cell_, number));
  }
  // Of a row that is not the first: what the first one has.
  [[gnu::always_inline]] BlockRow& constant(std::uint32_t value) {
    if (cell_->type != static_cast<std::uint8_t>(ColumnType::kUInt32Constant) ||
        (block_.rows_ != 0 && cell_->column->constant != value)) [[unlikely]] {
      Block::refuse_constant(*cell_);
    }
    cell_->column->constant = value;
    ++cell_;
    return *this;
  }
  // For kString, kLowCardinality and kLowCardinality16.
  [[gnu::always_inline]] BlockRow& text(std::string_view value) {
    if (cell_->type == static_cast<std::uint8_t>(ColumnType::kLowCardinality16)) {
      return put(ColumnType::kLowCardinality16, Block::short_number(*cell_, cell_->column->texts.number_of(value)));
    }
    if (cell_->type == static_cast<std::uint8_t>(ColumnType::kLowCardinality)) {
      return put(ColumnType::kLowCardinality, cell_->column->texts.number_of(value));
    }
    return put(ColumnType::kString, Block::append_text(*cell_, value));
  }
  // Days since 1970-01-01.
  BlockRow& dates(std::span<const std::uint16_t> days) {
    return put(ColumnType::kDateArray, Block::append_dates(*cell_, days));
  }
  // Of the precision of the column.
  BlockRow& sketch(UniqueSketch& value) {
    const ColumnType type = static_cast<ColumnType>(cell_->type);
    return put(type, Block::append_state(*cell_, value));
  }
  void end() {
    if (cell_->type != Block::kNoType) [[unlikely]] {
      Block::refuse_end(*cell_);
    }
    ++block_.rows_;
    block_.has_open_row_ = false;
  }

 private:
  friend class Block;
  explicit BlockRow(Block& block) : block_(block), cell_(block.cells_.data()), at_(block.place_of(block.rows_)) {}

  template <typename Value>
  [[gnu::always_inline]] BlockRow& put(ColumnType type, const Value& value) {
    if (cell_->type != static_cast<std::uint8_t>(type)) [[unlikely]] {
      Block::refuse(*cell_, type);
    }
    std::memcpy(at_, &value, sizeof(Value));
    at_ += sizeof(Value);
    ++cell_;
    return *this;
  }

  Block& block_;
  const Block::Cell* cell_;  // of the next value
  char* at_;                 // where it goes
};

inline BlockRow Block::row() {
  if (has_open_row_) [[unlikely]] {
    refuse_second_row();
  }
  if (rows_ == capacity_) [[unlikely]] {
    grow();
  }
  has_open_row_ = true;
  return BlockRow(*this);
}

}  // namespace tallystick::warehouse
