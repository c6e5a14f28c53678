#pragma once
// Rows (rows.h) in other ways than by id: any selection, and many inserts through one prepared statement. Conditions
// are texts of the program, every value is bound. Throws soci::soci_error. One thread per session.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <soci/soci.h>

#include "records/rows.h"

namespace tallystick::records {

// A value for ":name" in a condition; each name stands there once.
struct Binding {
  const char* name;
  std::variant<std::string, std::int64_t> value;
};

namespace detail {

inline void bind_all(soci::statement& statement, std::span<const Binding> bindings) {
  for (const Binding& binding : bindings) {
    std::visit([&](const auto& value) { bind_use(statement, value, binding.name); }, binding.value);
  }
}

}  // namespace detail

// `tail` is what follows the table: "WHERE run_number = :run ORDER BY position LIMIT :max".
template <typename Row>
[[nodiscard]] std::vector<Row> query_rows(soci::session& session,
                                          std::string_view table,
                                          std::string_view tail,
                                          std::span<const Binding> bindings) {
  Row row;
  soci::statement statement(session);
  for_each_column(row, [&](const char*, auto& member) { detail::bind_into(statement, member); });
  detail::bind_all(statement, bindings);
  detail::prepare(statement, fmt::format("SELECT {} FROM {} {}", detail::column_list(row), table, tail));
  statement.execute();
  std::vector<Row> rows;
  while (statement.fetch()) {
    rows.push_back(row);
  }
  return rows;
}

// A change; how many rows it affected.
inline std::int64_t change_rows(soci::session& session, const std::string& sql, std::span<const Binding> bindings) {
  soci::statement statement(session);
  detail::bind_all(statement, bindings);
  detail::prepare(statement, sql);
  statement.execute(true);
  return statement.get_affected_rows();
}

// Inserts `row`, which outlives it, as it is at each call.
template <typename Row>
class RowInserter {
 public:
  RowInserter(soci::session& session, std::string_view table, Row& row) : statement_(session) {
    std::string values;
    for_each_column(row, [&](const char* name, auto& member) {
      values += fmt::format("{}:{}", values.empty() ? "" : ", ", name);
      detail::bind_use(statement_, member, name);
    });
    detail::prepare(statement_,
                    fmt::format("INSERT INTO {} ({}) VALUES ({})", table, detail::column_list(row), values));
  }
  void insert() { statement_.execute(true); }

 private:
  soci::statement statement_;
};

}  // namespace tallystick::records
