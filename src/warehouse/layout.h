#pragma once
// Where tables are and how statements about them are written: on one server a table is a table; on a cluster the rows
// lie in replicated tables `<name>_local` under a Distributed table `<name>`, and changes say ON CLUSTER. The schema is
// written once, with words in double braces:
//   {{create T}}   the table in CREATE TABLE          {{stored T}}   the rows' own table, for views
//   {{view V}}     the view in CREATE                 {{engine E}}   E, or Replicated E
//   {{table T}}    the table to read from and insert into, on a cluster all shards
//   {{settings}}, {{batch_settings}} (of tables that only batches with a position are written to), {{event_ttl}},
//   {{personal_ttl}}, {{nil}}, {{day_session}}, {{day_session_merchant}}, and the enumerations, such as
//   {{verdict_class}}
// and, in statements about some rows only, {{rows}}.
// Immutable, thread-safe.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::warehouse {

// The journal's own periods: what it forgets, the warehouse forgets.
struct Retention {
  std::int64_t personal_days = 30;
  std::int64_t event_days = 730;
};

// When what is inserted in a batch is on disk: with each insert, or before the position that says the batch is done
// (Client::make_durable), which asks for a server whose disk is ours and makes loading a tenth cheaper.
enum class Durability : std::uint8_t { kInsert, kBatch };

// Letters, digits, '_', '-' and '.': may stand between backticks or quotes.
[[nodiscard]] bool is_plain_name(std::string_view name);

class Layout {
 public:
  // `cluster` empty: one server. Both are names of letters, digits, '_', '-' and '.'; std::invalid_argument otherwise.
  Layout(std::string database,
         std::string cluster,
         Retention retention = {},
         Durability durability = Durability::kInsert);

  [[nodiscard]] const std::string& database() const { return database_; }
  [[nodiscard]] const std::string& cluster() const { return cluster_; }
  [[nodiscard]] const Retention& retention() const { return retention_; }
  [[nodiscard]] bool is_cluster() const { return !cluster_.empty(); }

  // To read from and insert into: `tallystick_1`.`clicks`.
  [[nodiscard]] std::string table(std::string_view name) const;
  // For ALTER TABLE, TRUNCATE TABLE, SYSTEM ...: `tallystick_1`.`clicks`, or `tallystick_1`.`clicks_local` ON CLUSTER
  // `c`.
  [[nodiscard]] std::string stored_table(std::string_view name) const;
  // " ON CLUSTER `c`" or "".
  [[nodiscard]] std::string on_cluster() const;

  // The statements of a schema file, in order, without comments: each has one rendering here, or, for a table on a
  // cluster, two. Throws std::invalid_argument for an unknown word.
  [[nodiscard]] std::vector<std::string> render(std::string_view schema) const;
  // Any other statement with these words in it, and `rows`, a condition, for {{rows}}.
  [[nodiscard]] std::string render_statement(std::string_view text, std::string_view rows = "1") const;

 private:
  [[nodiscard]] std::string replace_words(std::string_view text, std::string_view rows) const;
  [[nodiscard]] std::string word(std::string_view name, std::string_view argument) const;

  std::string database_;
  std::string cluster_;
  Retention retention_;
  Durability durability_;
};

// A statement of a schema file, still with its words.
struct SchemaStatement {
  std::string text;   // without comments and the semicolon
  std::string shard;  // of "-- shard: <expression>" before it; empty: none
};
[[nodiscard]] std::vector<SchemaStatement> split_statements(std::string_view schema);

}  // namespace tallystick::warehouse
