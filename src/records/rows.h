#pragma once
// Plain structs as rows of a table: select, insert, and update under optimistic versioning. A row type is a struct of
// std::string, std::int64_t and NullableText members with a function, found by argument-dependent lookup,
//   void for_each_column(Row& row, const auto& visit)   // visit("name", row.name), ...
// that visits every column, "id" first. The table and column names come from the program, every value is bound.
// Throws soci::soci_error. One thread per session.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <soci/soci.h>

namespace tallystick::records {

struct NullableText {
  std::string value;
  soci::indicator indicator = soci::i_null;

  [[nodiscard]] bool is_null() const { return indicator != soci::i_ok; }
  void set(std::string text) {
    value = std::move(text);
    indicator = soci::i_ok;
  }
};

// One comparison of a WHERE clause; all must hold. `comparison` is "=", ">" or the like.
struct Condition {
  std::string_view column;
  std::string_view comparison;
  std::string value;
};

namespace detail {

inline void bind_into(soci::statement& statement, std::string& member) {
  statement.exchange(soci::into(member));
}
inline void bind_into(soci::statement& statement, std::int64_t& member) {
  statement.exchange(soci::into(member));
}
inline void bind_into(soci::statement& statement, NullableText& member) {
  statement.exchange(soci::into(member.value, member.indicator));
}

inline void bind_use(soci::statement& statement, const std::string& member, const char* name) {
  statement.exchange(soci::use(member, name));
}
inline void bind_use(soci::statement& statement, const std::int64_t& member, const char* name) {
  statement.exchange(soci::use(member, name));
}
inline void bind_use(soci::statement& statement, NullableText& member, const char* name) {
  statement.exchange(soci::use(member.value, member.indicator, name));
}

template <typename Row>
std::string column_list(Row& row) {
  std::string columns;
  for_each_column(row, [&](const char* name, auto&) {
    columns += columns.empty() ? "" : ", ";
    columns += name;
  });
  return columns;
}

inline void prepare(soci::statement& statement, const std::string& sql) {
  statement.alloc();
  statement.prepare(sql);
  statement.define_and_bind();
}

}  // namespace detail

inline constexpr std::int64_t kAllRows = INT64_MAX;

enum class RowOrder : std::uint8_t { kOldestFirst, kNewestFirst };

// Ordered by id; UUIDs of version 7 make that the order of creation.
template <typename Row>
[[nodiscard]] std::vector<Row> select_rows(soci::session& session,
                                           std::string_view table,
                                           std::span<const Condition> conditions,
                                           std::int64_t max_rows = kAllRows,
                                           RowOrder order = RowOrder::kOldestFirst) {
  Row row;
  soci::statement statement(session);
  for_each_column(row, [&](const char*, auto& member) { detail::bind_into(statement, member); });
  std::string where;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const auto& condition = conditions[i];
    where += fmt::format("{} {} {} :c{}", i == 0 ? " WHERE" : " AND", condition.column, condition.comparison, i);
    detail::bind_use(statement, condition.value, fmt::format("c{}", i).c_str());
  }
  detail::bind_use(statement, max_rows, "max_rows");
  detail::prepare(statement,
                  fmt::format("SELECT {} FROM {}{} ORDER BY id{} LIMIT :max_rows",
                              detail::column_list(row),
                              table,
                              where,
                              order == RowOrder::kNewestFirst ? " DESC" : ""));
  statement.execute();
  std::vector<Row> rows;
  while (statement.fetch()) {
    rows.push_back(row);
  }
  return rows;
}

namespace detail {

template <typename Row>
[[nodiscard]] bool insert(soci::session& session, std::string_view table, Row& row, std::string_view on_conflict) {
  soci::statement statement(session);
  std::string values;
  for_each_column(row, [&](const char* name, auto& member) {
    values += fmt::format("{}:{}", values.empty() ? "" : ", ", name);
    bind_use(statement, member, name);
  });
  prepare(statement, fmt::format("INSERT INTO {} ({}) VALUES ({}){}", table, column_list(row), values, on_conflict));
  statement.execute(true);
  return statement.get_affected_rows() == 1;
}

}  // namespace detail

template <typename Row>
void insert_row(soci::session& session, std::string_view table, Row row) {
  (void)detail::insert(session, table, row, "");
}

// False, and no error, when a row with one of its unique values is there.
template <typename Row>
[[nodiscard]] bool insert_row_if_absent(soci::session& session, std::string_view table, Row row) {
  return detail::insert(session, table, row, " ON CONFLICT DO NOTHING");
}

// Sets every column but "id", "version" and the `fixed` ones where id and version are the row's, and counts the
// version up. False when no such row is there: somebody else was faster.
template <typename Row>
[[nodiscard]] bool update_row(soci::session& session,
                              std::string_view table,
                              Row row,
                              std::initializer_list<std::string_view> fixed) {
  soci::statement statement(session);
  std::string changes;
  for_each_column(row, [&](const char* name, auto& member) {
    const std::string_view column = name;
    const bool is_key = column == "id" || column == "version";
    if (is_key || std::ranges::find(fixed, column) == fixed.end()) {
      detail::bind_use(statement, member, name);
      changes += is_key ? std::string() : fmt::format("{0} = :{0}, ", column);
    }
  });
  detail::prepare(
      statement,
      fmt::format("UPDATE {} SET {}version = version + 1 WHERE id = :id AND version = :version", table, changes));
  statement.execute(true);
  return statement.get_affected_rows() == 1;
}

}  // namespace tallystick::records
