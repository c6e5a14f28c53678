#pragma once
// What must be known of a statement before it runs: whether it is one, which format it names, and where the data of
// an INSERT begins, because data is never handed over inside the text: the engine reads that as text and silently
// stops at the first byte it does not like. Pure.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::engine {

struct Statement {
  bool is_insert_of_data = false;  // INSERT ... FORMAT x, INSERT ... VALUES: what follows is data
  bool is_values = false;          // the latter
  std::string_view format = {};    // that the statement names; empty: none
  std::size_t target_end = 0;      // INSERT: end of the table and its columns
  std::size_t clause_begin = 0;    // INSERT: where FORMAT or VALUES begins
  std::size_t data_begin = 0;      // INSERT: first byte of the data that is in the text
};

// `sql` must outlive the result. Error codes are ClickHouse's messages' own: "62" for more than one statement, "48"
// for what reads or writes files of the server.
[[nodiscard]] base::Result<Statement> parse_statement(std::string_view sql);

// The INSERT with its data taken from `file`; `compression` as for COMPRESSION, empty: none.
[[nodiscard]] std::string rewrite_insert(std::string_view sql,
                                         const Statement& statement,
                                         std::string_view file,
                                         std::string_view compression);

}  // namespace tallystick::engine
