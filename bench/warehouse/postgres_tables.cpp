#include "bench/warehouse/postgres_tables.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace tallystick::bench {
namespace {

constexpr std::size_t kCopyBytes = 1UZ << 20;

// Memory as an administrator of a machine with room would give it; a query that takes a minute has lost.
constexpr std::array<const char*, 5> kSettings = {"SET work_mem = '256MB'",
                                                  "SET maintenance_work_mem = '1GB'",
                                                  "SET max_parallel_workers_per_gather = 2",
                                                  "SET statement_timeout = '60s'",
                                                  "SET timezone = 'UTC'"};

constexpr std::array<const char*, 3> kTables = {
    "CREATE TABLE exposure_events (event_id uuid NOT NULL, merchant_id uuid, exposure_unit_id uuid, exposure_type "
    "text, "
    "placement_id uuid, user_id bigint, timestamp timestamp NOT NULL, rank_position integer, session_id bigint, "
    "is_clickable boolean, algorithm_version text) PARTITION BY RANGE (timestamp)",
    "CREATE TABLE click_events (click_id uuid PRIMARY KEY, session_id bigint, user_id bigint, merchant_id uuid, "
    "placement_id uuid, timestamp timestamp NOT NULL)",
    "CREATE TABLE conversion_events (conversion_id uuid PRIMARY KEY, user_id bigint, merchant_id uuid, "
    "commission_amount bigint, currency text, timestamp timestamp NOT NULL)"};

// "Indexed on" and "Links via" of the document.
constexpr std::array<const char*, 5> kIndexes = {"CREATE INDEX ON exposure_events (merchant_id, timestamp)",
                                                 "CREATE INDEX ON exposure_events (placement_id, timestamp)",
                                                 "CREATE INDEX ON exposure_events (user_id, timestamp)",
                                                 "CREATE INDEX ON click_events (session_id, merchant_id)",
                                                 "CREATE INDEX ON conversion_events (user_id, merchant_id, timestamp)"};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

void PostgresTables::Close::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

base::Result<PostgresTables> PostgresTables::connect(const std::string& url) {
  PostgresTables tables(PQconnectdb(url.c_str()));
  if (PQstatus(tables.connection_.get()) != CONNECTION_OK) {
    return base::fail(base::ErrorKind::kUnavailable, "postgres_failed", PQerrorMessage(tables.connection_.get()));
  }
  for (const char* setting : kSettings) {
    TALLY_TRY(tables.run(setting));
  }
  return tables;
}

// The first value of the answer.
base::Result<std::string> PostgresTables::run(std::string_view sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), std::string(sql).c_str()),
                                                             &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_COPY_IN) {
    return base::fail(base::ErrorKind::kInternal, "postgres_failed", PQerrorMessage(connection_.get()));
  }
  return std::string(PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "");
}

base::Result<void> PostgresTables::copy(std::string_view table, std::string_view rows) {
  TALLY_TRY(run(fmt::format("COPY {} FROM STDIN", table)));
  for (std::size_t at = 0; at < rows.size(); at += kCopyBytes) {
    const std::string_view part = rows.substr(at, kCopyBytes);
    if (PQputCopyData(connection_.get(), part.data(), static_cast<int>(part.size())) != 1) {
      return base::fail(base::ErrorKind::kInternal, "postgres_failed", PQerrorMessage(connection_.get()));
    }
  }
  const bool is_ended = PQputCopyEnd(connection_.get(), nullptr) == 1;
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(connection_.get()), &PQclear);
  const bool is_good = is_ended && PQresultStatus(result.get()) == PGRES_COMMAND_OK;
  const std::string message = PQerrorMessage(connection_.get());
  while (PGresult* const rest = PQgetResult(connection_.get())) {
    PQclear(rest);
  }
  return is_good ? base::Result<void>{} : base::fail(base::ErrorKind::kInternal, "postgres_failed", message);
}

base::Result<std::uint64_t> PostgresTables::fill(PlainTables& source) {
  for (const char* table : kTables) {
    TALLY_TRY(run(table));
  }
  TALLY_ASSIGN(const std::string months,
               source.ask("SELECT DISTINCT toStartOfMonth(timestamp) AS month, month + INTERVAL 1 MONTH FROM "
                          "exposure_events ORDER BY month"));
  for (const std::string& month : lines_of(months)) {
    const std::size_t tab = month.find('\t');
    TALLY_TRY(
        run(fmt::format("CREATE TABLE exposure_events_{} PARTITION OF exposure_events FOR VALUES FROM ('{}') TO "
                        "('{}')",
                        month.substr(0, 4) + month.substr(5, 2),
                        month.substr(0, tab),
                        month.substr(tab + 1))));
  }
  // A few hours at a time: an answer of the engine is held in memory.
  TALLY_ASSIGN(const std::string pieces,
               source.ask("SELECT DISTINCT toStartOfInterval(timestamp, INTERVAL 4 HOUR) AS piece FROM exposure_events "
                          "ORDER BY piece"));
  std::uint64_t rows = 0;
  for (const std::string& piece : lines_of(pieces)) {
    // Bounds of the column's own type: against a DateTime, ClickHouse (26.5) passes over rows of the bound's last
    // second that follow a mark of the index.
    const std::string within = fmt::format(
        "timestamp >= toDateTime64('{0}', 6, 'UTC') AND timestamp < toDateTime64('{0}', 6, 'UTC') + INTERVAL 4 HOUR",
        piece);
    TALLY_ASSIGN(const std::string part, source.ask("SELECT * FROM exposure_events WHERE " + within));
    TALLY_ASSIGN(const std::string count, source.ask("SELECT count() FROM exposure_events WHERE " + within));
    if (std::cmp_not_equal(std::count(part.begin(), part.end(), '\n'), std::stoull(count))) {
      return base::fail(base::ErrorKind::kInternal,
                        "rows_missing",
                        fmt::format("of the rows from {} on, {} came where there are {}",
                                    piece,
                                    std::count(part.begin(), part.end(), '\n'),
                                    lines_of(count).front()));
    }
    TALLY_TRY(copy("exposure_events", part));
    rows += static_cast<std::uint64_t>(std::count(part.begin(), part.end(), '\n'));
  }
  for (const char* table : {"click_events", "conversion_events"}) {
    TALLY_ASSIGN(const std::string all, source.ask(fmt::format("SELECT * FROM {}", table)));
    TALLY_TRY(copy(table, all));
  }
  return rows;
}

base::Result<void> PostgresTables::make_indexes() {
  TALLY_TRY(run("SET statement_timeout = 0"));
  for (const char* index : kIndexes) {
    TALLY_TRY(run(index));
  }
  TALLY_TRY(run("VACUUM ANALYZE"));
  TALLY_TRY(run(kSettings[3]));
  return {};
}

base::Result<void> PostgresTables::ask(std::string_view sql) {
  TALLY_TRY(run(sql));
  return {};
}

base::Result<std::string> PostgresTables::version() {
  return run("SHOW server_version");
}

}  // namespace tallystick::bench
