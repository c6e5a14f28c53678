#pragma once
// The numbered migrations that are embedded in the binary. One SQL text serves both databases: {{integer}} becomes
// INTEGER or BIGINT, {{strict}} becomes STRICT or nothing, and a line "-- section: sqlite", "-- section: postgresql" or
// "-- section: all" says for whom the lines after it are.

#include <span>
#include <string>
#include <string_view>

#include "records/database.h"

namespace tallystick::records {

struct Migration {
  int version = 0;
  std::string_view name;  // "0001_initial"
  std::string_view text;  // as in the file
};

// Ascending, without gaps, from 1.
[[nodiscard]] std::span<const Migration> embedded_migrations();

// The text as one database takes it.
[[nodiscard]] std::string sql_for(Backend backend, std::string_view text);

// Runs all statements of a script on the native connection, which takes several at once. Throws soci::soci_error.
void run_script(soci::session& session, Backend backend, const std::string& sql);

// Applies what is missing; see Database::migrate.
[[nodiscard]] base::Result<int> apply_migrations(soci::session& session,
                                                 Backend backend,
                                                 std::span<const Migration> migrations,
                                                 base::Timestamp now);

}  // namespace tallystick::records
