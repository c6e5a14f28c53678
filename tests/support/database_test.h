#pragma once
// Runs a store test on both databases: derive from DatabaseTest, write TEST_P, and instantiate with
// TALLY_ON_BOTH_DATABASES(Fixture). Every test has a fresh, migrated database.

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "records/database.h"
#include "tests/support/postgres.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::support {

class DatabaseTest : public testing::TestWithParam<records::Backend> {
 protected:
  void SetUp() override {
    url_ = GetParam() == records::Backend::kSqlite ? "sqlite://" + (folder_.path() / "records.db").string()
                                                   : PostgresServer::get().create_database();
    database_ = open();
    const auto version = database_->migrate(base::Timestamp{1});
    ASSERT_TRUE(version) << version.error().message;
  }

  // Another pool on the same database, as another node has it.
  [[nodiscard]] std::unique_ptr<records::Database> open() const {
    auto database = records::Database::open({.url = url_});
    if (!database) {
      throw std::runtime_error(database.error().code + ": " + database.error().message);
    }
    return *std::move(database);
  }

  [[nodiscard]] records::Database& database() { return *database_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryDirectory folder_;
  std::string url_;
  std::unique_ptr<records::Database> database_;
};

inline std::string backend_name(const testing::TestParamInfo<records::Backend>& parameter) {
  return parameter.param == records::Backend::kSqlite ? "Sqlite" : "Postgresql";
}

}  // namespace tallystick::support

#define TALLY_ON_BOTH_DATABASES(fixture)                                                                 \
  INSTANTIATE_TEST_SUITE_P(                                                                              \
      BothDatabases,                                                                                     \
      fixture,                                                                                           \
      testing::Values(tallystick::records::Backend::kSqlite, tallystick::records::Backend::kPostgresql), \
      tallystick::support::backend_name)
