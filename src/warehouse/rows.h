#pragma once
// What a query answered: a table of values, read by row and column. Columns are found by name or index; asking for
// one that is not there, or for a value as what it is not, is a programming error (std::logic_error).
// Immutable, hence thread-safe; cheap to move.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::warehouse {

class Rows {
 public:
  Rows();  // no columns, no rows
  ~Rows();
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;

  // ClickHouse's format JSONCompact. Error code: "warehouse_bad_answer".
  [[nodiscard]] static base::Result<Rows> parse(std::string_view json_compact);

  [[nodiscard]] std::span<const std::string> columns() const;
  [[nodiscard]] std::span<const std::string> types() const;  // ClickHouse's names of them
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t index_of(std::string_view column) const;

  [[nodiscard]] bool is_null(std::size_t row, std::size_t column) const;
  // Of String, UUID, Enum, Date, DateTime and the like; "" for null.
  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const;
  // Of integers and Bool (0, 1); 0 for null.
  [[nodiscard]] std::int64_t integer(std::size_t row, std::size_t column) const;
  // The same for what may exceed 2^63 - 1, such as pseudonyms.
  [[nodiscard]] std::uint64_t unsigned_integer(std::size_t row, std::size_t column) const;
  // Of any number; 0 for null.
  [[nodiscard]] double number(std::size_t row, std::size_t column) const;
  // Of DateTime and DateTime64, which come in UTC.
  [[nodiscard]] base::Timestamp time(std::size_t row, std::size_t column) const;
  [[nodiscard]] base::Uuid uuid(std::size_t row, std::size_t column) const;
  // Of arrays of what text() takes.
  [[nodiscard]] std::vector<std::string> texts(std::size_t row, std::size_t column) const;

  [[nodiscard]] bool is_null(std::size_t row, std::string_view column) const { return is_null(row, index_of(column)); }
  [[nodiscard]] std::string_view text(std::size_t row, std::string_view column) const {
    return text(row, index_of(column));
  }
  [[nodiscard]] std::int64_t integer(std::size_t row, std::string_view column) const {
    return integer(row, index_of(column));
  }
  [[nodiscard]] std::uint64_t unsigned_integer(std::size_t row, std::string_view column) const {
    return unsigned_integer(row, index_of(column));
  }
  [[nodiscard]] double number(std::size_t row, std::string_view column) const { return number(row, index_of(column)); }
  [[nodiscard]] base::Timestamp time(std::size_t row, std::string_view column) const {
    return time(row, index_of(column));
  }
  [[nodiscard]] base::Uuid uuid(std::size_t row, std::string_view column) const { return uuid(row, index_of(column)); }
  [[nodiscard]] std::vector<std::string> texts(std::size_t row, std::string_view column) const {
    return texts(row, index_of(column));
  }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::warehouse
