#pragma once
// Rows on their way into a table: typed columns, appended to row by row and serialised in ClickHouse's Native format,
// which the engine takes in without parsing. A value goes straight into its column's bytes; clear() keeps the memory,
// so that a block that is used again allocates nothing. Values come in the order of the columns; a wrong type, or a row
// that ends too early, is a programming error (std::logic_error). One thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"

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
  kString,  // also for LowCardinality(String)
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
  Block& uint8(std::uint8_t value);
  Block& uint16(std::uint16_t value);
  Block& uint32(std::uint32_t value);
  Block& uint64(std::uint64_t value);
  Block& int32(std::int32_t value);
  Block& int64(std::int64_t value);
  Block& boolean(bool value);
  Block& enumerator(std::int8_t value);
  Block& time(base::Timestamp value);
  Block& uuid(const base::Uuid& value);
  Block& text(std::string_view value);
  Block& dates(std::span<const std::uint16_t> days);  // days since 1970-01-01
  void end_row();

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] bool empty() const { return rows_ == 0; }
  // Of the data so far: what a limit on a batch looks at.
  [[nodiscard]] std::size_t bytes() const;
  // Removes all rows and keeps the memory.
  void clear();

  // "`log_id`, `sequence`": for INSERT INTO t (...).
  [[nodiscard]] const std::string& column_list() const { return column_list_; }
  // Replaces `out`.
  void serialise(std::string& out) const;

 private:
  struct Column {
    BlockColumn spec;
    std::string bytes;    // values as they go out
    std::string offsets;  // kDateArray: the end of each row's values
    std::uint64_t count = 0;
  };

  // The bytes of the next value's column.
  [[nodiscard]] Column& next(ColumnType type);
  template <typename Number>
  Block& append(ColumnType type, Number value);

  std::vector<Column> columns_;
  std::string column_list_;
  std::size_t cursor_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace tallystick::warehouse
