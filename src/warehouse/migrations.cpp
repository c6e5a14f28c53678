#include "warehouse/migrations.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/sha256.h"
#include "warehouse/retention.h"

namespace tallystick::warehouse {

namespace {

// A migration touches every table; on a cluster every node takes part.
constexpr std::int64_t kTimeoutMs = 600'000;

constexpr std::string_view kLedger = R"(-- shard: 0
CREATE TABLE IF NOT EXISTS {{create schema_migrations}} (
  version UInt32,
  name String,
  digest String,
  applied_at DateTime64(6, 'UTC')
) ENGINE = {{engine ReplacingMergeTree(applied_at)}} ORDER BY version {{settings}};
)";

QueryOptions schema_options() {
  QueryOptions options;
  options.timeout_ms = kTimeoutMs;
  options.is_repeatable = true;  // IF NOT EXISTS, or setting what may be set already
  return options;
}

base::Result<void> run_all(Client& client, const Layout& layout, std::string_view schema) {
  for (const std::string& statement : layout.render(schema)) {
    TALLY_TRY(client.execute(statement, {}, schema_options()));
  }
  return {};
}

std::string digest_of(std::string_view text) {
  const crypto::Digest digest = crypto::sha256(base::as_bytes(text));
  return base::to_hex(std::span(digest).first(8));
}

base::Result<void> expect_known(const Rows& applied, std::span<const Migration> migrations) {
  for (std::size_t row = 0; row < applied.size(); ++row) {
    const std::int64_t version = applied.integer(row, "version");
    const auto known = std::ranges::find(migrations, version, &Migration::version);
    if (known == migrations.end()) {
      return base::fail(
          base::ErrorKind::kConflict,
          "warehouse_schema_newer",
          fmt::format(
              "the warehouse has schema {} and this binary knows {}; run a newer binary", version, migrations.size()));
    }
    if (applied.text(row, "digest") != digest_of(known->text)) {
      return base::fail(
          base::ErrorKind::kConflict,
          "warehouse_schema_changed",
          fmt::format("migration {} was applied in another form; run the binary it belongs to, or rebuild "
                      "the warehouse from the journal",
                      known->name));
    }
  }
  return {};
}

base::Result<void> note_applied(Client& client, const Layout& layout, const Migration& migration, base::Timestamp now) {
  return client.execute(
      fmt::format("INSERT INTO {} (version, name, digest, applied_at) SELECT {{version:UInt32}}, {{name:String}}, "
                  "{{digest:String}}, {{now:DateTime64(6, 'UTC')}}",
                  layout.table("schema_migrations")),
      {{"version", std::to_string(migration.version)},
       {"name", std::string(migration.name)},
       {"digest", digest_of(migration.text)},
       {"now", time_parameter(now)}});
}

// The tables that forget, by what their definition says.
base::Result<void> update_retention(Client& client, const Layout& layout) {
  const Parameters database = {{"database", layout.database()}};
  TALLY_ASSIGN(
      const Rows tables,
      client.query("SELECT name, create_table_query AS definition FROM system.tables WHERE database = "
                   "{database:String} AND engine LIKE '%MergeTree' AND position(create_table_query, ' TTL ') > 0 "
                   "ORDER BY name",
                   database));
  for (std::size_t row = 0; row < tables.size(); ++row) {
    for (const std::string& change :
         retention_changes(layout, tables.text(row, "name"), tables.text(row, "definition"))) {
      TALLY_TRY(client.execute(change, {}, schema_options()));
    }
  }
  return {};
}

}  // namespace

base::Result<int> apply_migrations(Client& client,
                                   const Layout& layout,
                                   std::span<const Migration> migrations,
                                   base::Timestamp now) {
  TALLY_TRY(run_all(client, layout, kLedger));
  TALLY_ASSIGN(const Rows applied,
               client.query(fmt::format("SELECT version, digest FROM {} FINAL ORDER BY version",
                                        layout.table("schema_migrations"))));
  TALLY_TRY(expect_known(applied, migrations));
  for (const Migration& migration : migrations.subspan(applied.size())) {
    TALLY_TRY(run_all(client, layout, migration.text));
    TALLY_TRY(note_applied(client, layout, migration, now));
  }
  TALLY_TRY(update_retention(client, layout));
  return static_cast<int>(migrations.size());
}

}  // namespace tallystick::warehouse
