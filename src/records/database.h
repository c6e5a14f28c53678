#pragma once
// The system of record: SQLite by default, PostgreSQL beyond one machine, one portable SQL through SOCI.
// Money is integer minor units, time integer microseconds UTC, UUIDs are text, JSON is text.
// Thread-safe: sessions come from a bounded pool; a Transaction belongs to one thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <soci/soci.h>

#include "base/error.h"
#include "base/time.h"

namespace tallystick::records {

enum class Backend : std::uint8_t { kSqlite, kPostgresql };

struct DatabaseOptions {
  // "sqlite:///path/to/records.db" or "postgresql://user:password@host:5432/name?options".
  std::string url;
  std::size_t pool_size = 4;
  std::int64_t wait_timeout_ms = 5'000;  // for a free session; then kUnavailable, "database_busy"
};

class Database {
 public:
  // Opens and connects; does not migrate. Errors: "database_unreachable", "bad_database_url".
  [[nodiscard]] static base::Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();

  [[nodiscard]] Backend backend() const;

  // Applies what is missing of the embedded numbered migrations, each in a transaction, under a lock so that two
  // nodes do not race. The version reached. Refuses a database newer than the binary ("schema_newer").
  [[nodiscard]] base::Result<int> migrate(base::Timestamp now);
  [[nodiscard]] base::Result<int> schema_version();

  // Runs `work` in a transaction: commits when it returns a value, rolls back when it returns an error or throws.
  // Database exceptions become errors: unique violation = kConflict "already_exists"; foreign key = kUnprocessable
  // "unknown_reference"; busy or lost connection = kUnavailable; anything else kInternal. Writers use BEGIN IMMEDIATE
  // on SQLite.
  template <typename T>
  [[nodiscard]] base::Result<T> write(const std::function<base::Result<T>(soci::session&)>& work);
  template <typename T>
  [[nodiscard]] base::Result<T> read(const std::function<base::Result<T>(soci::session&)>& work);

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  [[nodiscard]] base::Result<void> run(bool is_write, const std::function<base::Result<void>(soci::session&)>& work);
  std::unique_ptr<State> state_;
};

template <typename T>
base::Result<T> Database::write(const std::function<base::Result<T>(soci::session&)>& work) {
  base::Result<T> result = base::fail(base::ErrorKind::kInternal, "no_result", "the work did not run");
  TALLY_TRY(run(true, [&](soci::session& session) -> base::Result<void> {
    result = work(session);
    if (!result) {
      return std::unexpected(result.error());
    }
    return {};
  }));
  return result;
}

template <typename T>
base::Result<T> Database::read(const std::function<base::Result<T>(soci::session&)>& work) {
  base::Result<T> result = base::fail(base::ErrorKind::kInternal, "no_result", "the work did not run");
  TALLY_TRY(run(false, [&](soci::session& session) -> base::Result<void> {
    result = work(session);
    if (!result) {
      return std::unexpected(result.error());
    }
    return {};
  }));
  return result;
}

}  // namespace tallystick::records
