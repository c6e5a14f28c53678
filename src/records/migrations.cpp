#include "records/migrations.h"

#include <array>
#include <cstdint>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace tallystick::records {
namespace {

// Any number will do, as long as every node takes the same.
constexpr std::int64_t kAdvisoryLock = 0x7461'6c6c'7900;

constexpr std::string_view kLedger =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version {{integer}} NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
    "digest TEXT NOT NULL, applied_at {{integer}} NOT NULL) {{strict}};";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// FNV-1a: tells an edited file from the applied one; it is no protection against an attacker.
std::string digest_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  }
  return fmt::format("{:016x}", hash);
}

void begin_alone(soci::session& session, Backend backend) {
  if (backend == Backend::kSqlite) {
    session << "BEGIN EXCLUSIVE";
  } else {
    session << "BEGIN";
    // Changing a large table, or waiting for the node that does, takes longer than a request may.
    session << "SET LOCAL statement_timeout = 0";
    session << "SET LOCAL lock_timeout = 0";
    session << fmt::format("SELECT pg_advisory_xact_lock({})", kAdvisoryLock);
  }
}

base::Result<void> expect_known(soci::session& session, const Migration& migration) {
  std::string digest;
  session << "SELECT digest FROM schema_migrations WHERE version = :version", soci::use(migration.version),
      soci::into(digest);
  if (digest != digest_of(migration.text)) {
    return base::fail(base::ErrorKind::kConflict,
                      "schema_changed",
                      fmt::format("migration {} was applied in another form; restore the database or the binary it "
                                  "belongs to",
                                  migration.name));
  }
  return {};
}

base::Result<int> apply_locked(soci::session& session,
                               Backend backend,
                               std::span<const Migration> migrations,
                               base::Timestamp now) {
  run_script(session, backend, sql_for(backend, kLedger));
  int version = 0;
  session << "SELECT COALESCE(MAX(version), 0) FROM schema_migrations", soci::into(version);
  if (version > static_cast<int>(migrations.size())) {
    return base::fail(
        base::ErrorKind::kConflict,
        "schema_newer",
        fmt::format(
            "the database has schema {} and this binary knows {}; run a newer binary", version, migrations.size()));
  }
  for (const Migration& migration : migrations) {
    if (migration.version <= version) {
      TALLY_TRY(expect_known(session, migration));
      continue;
    }
    run_script(session, backend, sql_for(backend, migration.text));
    const std::string name(migration.name);
    const std::string digest = digest_of(migration.text);
    session << "INSERT INTO schema_migrations (version, name, digest, applied_at) VALUES (:version, :name, :digest, "
               ":applied_at)",
        soci::use(migration.version), soci::use(name), soci::use(digest), soci::use(now.us);
    version = migration.version;
  }
  return version;
}

}  // namespace

std::string sql_for(Backend backend, std::string_view text) {
  constexpr std::string_view kMark = "-- section: ";
  const std::string_view mine = backend == Backend::kSqlite ? "sqlite" : "postgresql";
  std::string sql;
  bool is_wanted = true;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.starts_with(kMark)) {
      const std::string_view section = line.substr(kMark.size());
      is_wanted = section == mine || section == "all";
    } else if (is_wanted) {
      sql.append(line).append("\n");
    }
  }
  replace_all(sql, "{{integer}}", backend == Backend::kSqlite ? "INTEGER" : "BIGINT");
  replace_all(sql, "{{strict}}", backend == Backend::kSqlite ? "STRICT" : "");
  return sql;
}

void run_script(soci::session& session, Backend backend, const std::string& sql) {
  if (backend == Backend::kSqlite) {
    auto* native = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
    char* message = nullptr;
    if (sqlite_api::sqlite3_exec(native->conn_, sql.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
      const std::string text = message != nullptr ? message : "unknown";
      sqlite_api::sqlite3_free(message);
      throw soci::soci_error("migration: " + text);
    }
    return;
  }
  auto* native = static_cast<soci::postgresql_session_backend*>(session.get_backend());
  PGresult* result = PQexec(native->conn_, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  const std::string text = PQresultErrorMessage(result);
  PQclear(result);
  const bool is_done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
  if (!is_done) {
    throw soci::soci_error("migration: " + text);
  }
}

base::Result<int> apply_migrations(soci::session& session,
                                   Backend backend,
                                   std::span<const Migration> migrations,
                                   base::Timestamp now) {
  begin_alone(session, backend);
  try {
    auto version = apply_locked(session, backend, migrations, now);
    session << (version ? "COMMIT" : "ROLLBACK");
    return version;
  } catch (...) {
    try {
      session << "ROLLBACK";
    } catch (const soci::soci_error&) {  // NOLINT(bugprone-empty-catch)
      // The connection is gone, and the transaction with it; the first error says why.
    }
    throw;
  }
}

}  // namespace tallystick::records
