#include "records/database.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "records/migrations.h"

namespace tallystick::records {
namespace {

constexpr std::string_view kSqlitePrefix = "sqlite://";
constexpr std::string_view kPostgresqlPrefix = "postgresql://";
constexpr int kSqliteBusySeconds = 5;

// SQLSTATE classes of PostgreSQL, appendix A of its manual.
constexpr std::string_view kUniqueViolation = "23505";
constexpr std::string_view kForeignKeyViolation = "23503";

std::unique_ptr<soci::session> connect(Backend backend, const std::string& url) {
  if (backend == Backend::kPostgresql) {
    auto session = std::make_unique<soci::session>(soci::postgresql, url);
    *session << "SET statement_timeout = '30s'";
    *session << "SET lock_timeout = '5s'";
    *session << "SET client_min_messages = 'warning'";
    return session;
  }
  const std::string file = url.substr(kSqlitePrefix.size());
  auto session =
      std::make_unique<soci::session>(soci::sqlite3, fmt::format("db=\"{}\" timeout={}", file, kSqliteBusySeconds));
  // Erased values must not stay in free pages (80-platform, "Privacy").
  for (const char* pragma : {"PRAGMA journal_mode = WAL",
                             "PRAGMA synchronous = FULL",
                             "PRAGMA foreign_keys = ON",
                             "PRAGMA secure_delete = ON"}) {
    run_script(*session, backend, pragma);
  }
  return session;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The database's own words only: what() also quotes the bound values, and PostgreSQL's DETAIL lines quote the row,
// secrets included.
std::string message_of(const soci::soci_error& error) {
  const std::string text = error.get_error_message();
  return text.substr(0, text.find('\n'));
}

base::Error error_of(const soci::soci_error& error) {
  const std::string text = message_of(error);
  std::string state;
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    state = postgresql->sqlstate();
  }
  if (state == kUniqueViolation || contains(text, "UNIQUE constraint failed")) {
    return {base::ErrorKind::kConflict, "already_exists", "there is one with this identifier already"};
  }
  if (state == kForeignKeyViolation || contains(text, "FOREIGN KEY constraint failed")) {
    return {base::ErrorKind::kUnprocessable,
            "unknown_reference",
            "it names something that does not exist, or is still in use"};
  }
  const bool is_lost = state.starts_with("08") || state.starts_with("57P") || state == "55P03" || state == "40001" ||
                       state == "40P01" || contains(text, "database is locked") || contains(text, "disk is full") ||
                       error.get_error_category() == soci::soci_error::connection_error;
  if (is_lost) {
    return {
        base::ErrorKind::kUnavailable, "database_unavailable", "the records database cannot do this now; try again"};
  }
  return {base::ErrorKind::kInternal, "database_error", text};
}

// The session, ready for the next transaction, or null when it is of no use any more.
std::unique_ptr<soci::session> rolled_back(std::unique_ptr<soci::session> session) {
  try {
    *session << "ROLLBACK";
    return session;
  } catch (const soci::soci_error&) {
    return nullptr;
  }
}

}  // namespace

struct Database::State {
  DatabaseOptions options;
  Backend backend = Backend::kSqlite;
  std::mutex mutex;
  std::condition_variable is_free;
  std::vector<std::unique_ptr<soci::session>> idle;
  std::size_t open = 0;          // idle or lent
  std::timed_mutex sole_writer;  // SQLite takes one; waiting here is fair and has a limit

  [[nodiscard]] std::chrono::milliseconds wait_limit() const {
    return std::chrono::milliseconds(options.wait_timeout_ms);
  }

  base::Result<std::unique_ptr<soci::session>> borrow() {
    std::unique_lock lock(mutex);
    const bool has_one =
        is_free.wait_for(lock, wait_limit(), [&] { return !idle.empty() || open < options.pool_size; });
    if (!has_one) {
      return base::fail(base::ErrorKind::kUnavailable, "database_busy", "no database session became free in time");
    }
    if (!idle.empty()) {
      auto session = std::move(idle.back());
      idle.pop_back();
      return session;
    }
    ++open;
    lock.unlock();
    try {
      return connect(backend, options.url);
    } catch (const soci::soci_error&) {
      give_back(nullptr);
      // The driver's text may hold the password.
      return base::fail(
          base::ErrorKind::kUnavailable, "database_unreachable", "cannot connect to the records database");
    }
  }

  // Null: the session broke and was closed.
  void give_back(std::unique_ptr<soci::session> session) {
    {
      const std::lock_guard lock(mutex);
      if (session) {
        idle.push_back(std::move(session));
      } else {
        --open;
      }
    }
    is_free.notify_one();
  }

  void forget_idle() {
    const std::lock_guard lock(mutex);
    open -= idle.size();
    idle.clear();
  }
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;

base::Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  if (options.url.starts_with(kPostgresqlPrefix)) {
    state->backend = Backend::kPostgresql;
  } else if (!options.url.starts_with(kSqlitePrefix) || options.url.size() == kSqlitePrefix.size() ||
             options.url.find('"') != std::string::npos) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_database_url",
                      "the records database is sqlite:///path/to/file or postgresql://user@host/name");
  }
  if (options.pool_size == 0) {
    return base::fail(base::ErrorKind::kInvalid, "bad_database_pool", "the pool needs one session at least");
  }
  std::unique_ptr<Database> database(new Database(std::move(state)));
  TALLY_ASSIGN(auto session, database->state_->borrow());
  database->state_->give_back(std::move(session));
  return database;
}

Backend Database::backend() const {
  return state_->backend;
}

base::Result<int> Database::migrate(base::Timestamp now) {
  TALLY_ASSIGN(auto session, state_->borrow());
  try {
    auto version = apply_migrations(*session, state_->backend, embedded_migrations(), now);
    state_->give_back(std::move(session));
    return version;
  } catch (const soci::soci_error& error) {
    state_->give_back(nullptr);
    return std::unexpected(error_of(error));
  }
}

base::Result<int> Database::schema_version() {
  return read<int>([](soci::session& session) -> base::Result<int> {
    int version = 0;
    session << "SELECT COALESCE(MAX(version), 0) FROM schema_migrations", soci::into(version);
    return version;
  });
}

base::Result<void> Database::run(bool is_write, const std::function<base::Result<void>(soci::session&)>& work) {
  const bool is_sqlite = state_->backend == Backend::kSqlite;
  std::unique_lock<std::timed_mutex> sole_writer(state_->sole_writer, std::defer_lock);
  // By the wall clock, as the thread sanitizer of g++ 12 does not know pthread_mutex_clocklock.
  const auto latest = std::chrono::system_clock::now() + state_->wait_limit();
  if (is_write && is_sqlite && !sole_writer.try_lock_until(latest)) {
    return base::fail(base::ErrorKind::kUnavailable, "database_busy", "other changes took too long");
  }
  for (int attempt = 1;; ++attempt) {
    TALLY_ASSIGN(auto session, state_->borrow());
    bool has_begun = false;
    try {
      *session << (is_write && is_sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
      has_begun = true;
      auto result = work(*session);
      *session << (result ? "COMMIT" : "ROLLBACK");
      state_->give_back(std::move(session));
      return result;
    } catch (const soci::soci_error& error) {
      const base::Error failure = error_of(error);
      if (has_begun) {
        state_->give_back(rolled_back(std::move(session)));
        return std::unexpected(failure);
      }
      session.reset();
      state_->give_back(nullptr);
      // A pooled connection may have died while idle: nothing was done on it, so a fresh one may try once.
      if (attempt > 1) {
        return std::unexpected(failure);
      }
      state_->forget_idle();
    } catch (...) {
      state_->give_back(rolled_back(std::move(session)));
      throw;
    }
  }
}

}  // namespace tallystick::records
