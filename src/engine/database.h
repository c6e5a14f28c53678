#pragma once
// The engine opened on a data directory: runs queries on a session each, so that no USE or SET of one reaches
// another. Every query is bounded in memory, threads, time and result. Thread-safe; queries run side by side.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/chdb.h"

namespace tallystick::engine {

using NameValues = std::vector<std::pair<std::string, std::string>>;

struct DatabaseOptions {
  std::filesystem::path directory;
  std::string name = "tallystick";  // made when absent; what a query that names no database uses
  std::uint64_t memory_bytes = 2ULL << 30;
  unsigned threads = 1;                        // of one query
  std::int64_t query_timeout_s = 300;          // unless the query says otherwise
  std::uint64_t max_insert_rows = 1ULL << 20;  // an insert of at most so many rows is one block, hence one part
};

struct Query {
  std::string sql;
  std::string database = {};  // empty: DatabaseOptions::name
  std::string format = "TabSeparated";
  NameValues parameters = {};  // {name:Type} in the SQL
  NameValues settings = {};
  std::string label = {};  // cancel() finds it by this
};

struct QueryStatistics {
  std::uint64_t result_rows = 0;
  std::uint64_t read_rows = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_rows = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t elapsed_ns = 0;
};

struct QueryOutput {
  std::shared_ptr<const char> bytes = nullptr;  // owned by the library; freed with the last copy
  std::size_t size = 0;
  QueryStatistics statistics = {};
  std::string error = {};  // "Code: 60. DB::Exception: ..."; empty: success

  [[nodiscard]] std::string_view text() const { return {bytes.get(), size}; }
};

class Database {
 public:
  // Error code: "engine_open_failed", also when another process has the directory open. One at a time per process.
  [[nodiscard]] static base::Result<std::unique_ptr<Database>> open(const ChdbFunctions& library,
                                                                    const DatabaseOptions& options);
  // Waits for nothing: no query may be running.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] QueryOutput run(const Query& query) const;
  // Asks the queries of that label to end; they fail with code 394.
  void cancel(std::string_view label) const;

 private:
  class Session;
  Database(const ChdbFunctions& library, const DatabaseOptions& options);

  [[nodiscard]] std::string make_settings(const Query& query) const;

  const ChdbFunctions library_;
  const DatabaseOptions options_;
  std::unique_ptr<Session> keeper_;  // holds the database open
};

// 'text', escaped.
[[nodiscard]] std::string quote_text(std::string_view text);
// `name`, escaped.
[[nodiscard]] std::string quote_name(std::string_view name);

}  // namespace tallystick::engine
