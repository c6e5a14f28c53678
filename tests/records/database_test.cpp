#include "records/database.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records/migrations.h"
#include "tests/support/database_test.h"

namespace tallystick::records {
namespace {

using base::ErrorKind;
using base::Result;

class DatabaseRules : public support::DatabaseTest {
 protected:
  Result<int> insert_merchant(const std::string& id, const std::string& slug) {
    return database().write<int>([&](soci::session& session) -> Result<int> {
      session << "INSERT INTO merchants (id, slug, name, status, created_at, updated_at, version) VALUES (:id, :slug, "
                 "'Acme', 'active', 1, 1, 1)",
          soci::use(id), soci::use(slug);
      return 1;
    });
  }
  int count_merchants() {
    return *database().read<int>([](soci::session& session) -> Result<int> {
      int count = 0;
      session << "SELECT COUNT(*) FROM merchants", soci::into(count);
      return count;
    });
  }
  Result<int> execute(const std::string& sql) {
    return database().write<int>([&](soci::session& session) -> Result<int> {
      session << sql;
      return 0;
    });
  }
};

TEST_P(DatabaseRules, ErrorRollsTheTransactionBack) {
  const auto result = database().write<int>([](soci::session& session) -> Result<int> {
    session << "INSERT INTO merchants (id, slug, name, status, created_at, updated_at, version) VALUES ('a', 'a', 'A', "
               "'active', 1, 1, 1)";
    return base::fail(ErrorKind::kUnprocessable, "changed_my_mind", "no");
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "changed_my_mind");
  EXPECT_EQ(count_merchants(), 0);
}

TEST_P(DatabaseRules, ExceptionRollsTheTransactionBackAndTheSessionIsUsableAgain) {
  EXPECT_THROW(static_cast<void>(database().write<int>([](soci::session& session) -> Result<int> {
                 session << "DELETE FROM merchants";
                 throw std::logic_error("broken invariant");
               })),
               std::logic_error);
  EXPECT_TRUE(insert_merchant("a", "acme"));
  EXPECT_EQ(count_merchants(), 1);
}

TEST_P(DatabaseRules, SecondRowOfAUniqueSlugIsAConflict) {
  ASSERT_TRUE(insert_merchant("a", "acme"));
  const auto again = insert_merchant("b", "acme");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(again.error().code, "already_exists");
}

TEST_P(DatabaseRules, UnknownReferenceIsUnprocessable) {
  const auto result = execute(
      "INSERT INTO exposure_units (id, merchant_id, name, exposure_type, created_at, updated_at, version) VALUES ('u', "
      "'nobody', 'U', 'banner', 1, 1, 1)");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "unknown_reference");
}

TEST_P(DatabaseRules, AFailureShowsNoneOfTheValuesThatWereBound) {
  const auto result = database().write<int>([](soci::session& session) -> base::Result<int> {
    const std::string secret = "very-secret-value";
    // The status breaks a CHECK; PostgreSQL would quote the whole row.
    session << "INSERT INTO merchants (id, slug, name, status, created_at, updated_at, version) VALUES ('m', 'm', "
               ":secret, 'odd', 1, 1, 1)",
        soci::use(secret, "secret");
    return 0;
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "database_error");
  EXPECT_EQ(result.error().message.find("very-secret-value"), std::string::npos) << result.error().message;
}

TEST_P(DatabaseRules, AuditEntriesRefuseUpdateAndDelete) {
  ASSERT_TRUE(
      execute("INSERT INTO audit_entries (id, actor, action, subject, reason, before_state, after_state, "
              "request_id, digest, occurred_at) VALUES ('e', 'a', 'b', 'c', '', '', '', '', '', 1)"));
  EXPECT_FALSE(execute("UPDATE audit_entries SET actor = 'somebody else'"));
  EXPECT_FALSE(execute("DELETE FROM audit_entries"));
  const bool is_sqlite = database().backend() == Backend::kSqlite;
  // The ways round: each replaces or takes rows without an UPDATE or DELETE of its own.
  const std::string again =
      " INTO audit_entries (id, actor, action, subject, reason, before_state, after_state, request_id, digest, "
      "occurred_at) VALUES ('e', 'somebody else', 'b', 'c', '', '', '', '', '', 1)";
  EXPECT_FALSE(execute(is_sqlite ? "INSERT OR REPLACE" + again
                                 : "INSERT" + again + " ON CONFLICT (id) DO UPDATE SET actor = 'somebody else'"));
  EXPECT_FALSE(execute(is_sqlite ? "REPLACE" + again : "TRUNCATE audit_entries"));
  const auto count = database().read<int>([](soci::session& session) -> Result<int> {
    int found = 0;
    session << "SELECT COUNT(*) FROM audit_entries WHERE actor = 'a'", soci::into(found);
    return found;
  });
  EXPECT_EQ(*count, 1);
}

TEST_P(DatabaseRules, WritersFromManyThreadsAllSucceed) {
  constexpr int kThreads = 4;
  constexpr int kEach = 25;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string id = std::to_string(thread) + "-" + std::to_string(i);
        failures += insert_merchant(id, id) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(count_merchants(), kThreads * kEach);
}

TEST_P(DatabaseRules, BusyPoolAnswersUnavailable) {
  auto small = Database::open({.url = url(), .pool_size = 1, .wait_timeout_ms = 20});
  ASSERT_TRUE(small);
  const auto outer = (*small)->read<int>([&](soci::session&) -> Result<int> {
    const auto inner = (*small)->read<int>([](soci::session&) -> Result<int> { return 1; });
    EXPECT_FALSE(inner);
    EXPECT_EQ(inner.error().code, "database_busy");
    return 2;
  });
  EXPECT_EQ(*outer, 2);
}

TEST_P(DatabaseRules, MigratingAgainChangesNothing) {
  const int version = *database().schema_version();
  EXPECT_EQ(version, static_cast<int>(embedded_migrations().size()));
  const auto again = database().migrate(base::Timestamp{2});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, version);
}

TEST_P(DatabaseRules, NewerDatabaseIsRefused) {
  ASSERT_TRUE(
      execute("INSERT INTO schema_migrations (version, name, digest, applied_at) VALUES (9999, 'later', 'x', 1)"));
  const auto result = database().migrate(base::Timestamp{2});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "schema_newer");
}

TEST_P(DatabaseRules, EditedMigrationIsRefused) {
  ASSERT_TRUE(execute("UPDATE schema_migrations SET digest = 'edited' WHERE version = 1"));
  const auto result = database().migrate(base::Timestamp{2});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "schema_changed");
}

TEST_P(DatabaseRules, FailedMigrationLeavesNothingBehind) {
  const std::vector<Migration> migrations = {
      {1, "0001_broken", "CREATE TABLE half_done (id TEXT); SELECT nonsense FROM nowhere;"}};
  const std::string fresh_url = GetParam() == Backend::kSqlite ? "sqlite://" + (folder() / "fresh.db").string()
                                                               : support::PostgresServer::get().create_database();
  auto fresh = Database::open({.url = fresh_url});
  ASSERT_TRUE(fresh);
  static_cast<void>((*fresh)->read<int>([&](soci::session& session) -> Result<int> {
    session << "ROLLBACK";  // the migration begins its own transaction
    EXPECT_THROW(static_cast<void>(apply_migrations(session, GetParam(), migrations, base::Timestamp{1})),
                 soci::soci_error);
    session << "BEGIN";
    return 0;
  }));
  const auto table = (*fresh)->read<int>([](soci::session& session) -> Result<int> {
    int count = 0;
    session << "SELECT COUNT(*) FROM half_done", soci::into(count);
    return count;
  });
  EXPECT_FALSE(table) << "the table of the failed migration is there";
}

TEST_P(DatabaseRules, TwoNodesMigrateAtOnce) {
  const std::string fresh_url = GetParam() == Backend::kSqlite ? "sqlite://" + (folder() / "race.db").string()
                                                               : support::PostgresServer::get().create_database();
  std::vector<std::unique_ptr<Database>> nodes;
  for (int i = 0; i < 3; ++i) {
    auto node = Database::open({.url = fresh_url});
    ASSERT_TRUE(node) << node.error().message;
    nodes.push_back(*std::move(node));
  }
  std::vector<std::thread> threads;
  std::atomic<int> successes{0};
  for (auto& node : nodes) {
    threads.emplace_back([&] { successes += node->migrate(base::Timestamp{1}) ? 1 : 0; });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(successes, 3);
}

TALLY_ON_BOTH_DATABASES(DatabaseRules);

TEST(DatabaseUrl, UnknownSchemesAreRefusedWithoutShowingTheUrl) {
  for (const char* url : {"", "mysql://root:hunter2@host/x", "sqlite://", "/path/to/file"}) {
    const auto result = Database::open({.url = url});
    ASSERT_FALSE(result) << url;
    EXPECT_EQ(result.error().code, "bad_database_url");
    EXPECT_THAT(result.error().message, testing::Not(testing::HasSubstr("hunter2")));
  }
}

TEST(DatabaseUrl, UnreachableServerDoesNotShowThePassword) {
  const auto result = Database::open({.url = "postgresql://me:hunter2@/x?host=/nonexistent"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "database_unreachable");
  EXPECT_THAT(result.error().message, testing::Not(testing::HasSubstr("hunter2")));
}

}  // namespace
}  // namespace tallystick::records
