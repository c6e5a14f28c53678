#pragma once
// The document's tables and indexes in PostgreSQL, filled with COPY from the plain tables, so that both hold the same
// rows. One thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/warehouse/plain_tables.h"

struct pg_conn;

namespace tallystick::bench {

class PostgresTables {
 public:
  // Error code: "postgres_failed", of all calls.
  [[nodiscard]] static base::Result<PostgresTables> connect(const std::string& url);

  // The rows of exposure_events.
  [[nodiscard]] base::Result<std::uint64_t> fill(PlainTables& source);
  // Indexes of the document, then VACUUM ANALYZE.
  [[nodiscard]] base::Result<void> make_indexes();
  // Fetches the whole answer.
  [[nodiscard]] base::Result<void> ask(std::string_view sql);
  [[nodiscard]] base::Result<std::string> version();

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  explicit PostgresTables(pg_conn* connection) : connection_(connection) {}

  [[nodiscard]] base::Result<std::string> run(std::string_view sql);
  [[nodiscard]] base::Result<void> copy(std::string_view table, std::string_view rows);

  std::unique_ptr<pg_conn, Close> connection_;
};

}  // namespace tallystick::bench
