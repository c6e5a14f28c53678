#include <charconv>
#include <cstring>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "crypto/sha256.h"
#include "settlement/report_store.h"

namespace tallystick::settlement {
namespace {

namespace json = boost::json;

bool is_sqlite(soci::session& session) {
  return session.get_backend_name() == "sqlite3";
}

std::string_view name_of(RowTable table) {
  return table == RowTable::kClicks ? "report_clicks" : "report_rows";
}

// "[1,2]" for SQLite's json_each(), "{1,2}" for an array of PostgreSQL.
std::string list_of(std::span<const std::int64_t> numbers, bool is_json) {
  std::string text(1, is_json ? '[' : '{');
  for (const std::int64_t number : numbers) {
    text += text.size() == 1 ? "" : ",";
    fmt::format_to(std::back_inserter(text), "{}", number);
  }
  return text + (is_json ? ']' : '}');
}

// Columns behind import and ledger, which all rows share. `visit(name, type, member)`.
template <typename Row>
void for_each_row_column(Row& row, const auto& visit) {
  visit("line", "bigint", row.staged.row.line);
  visit("key_hash", "bigint", row.staged.key_hash);
  visit("row_key", "text", row.staged.row.key);
  visit("version", "bigint", row.staged.row.version);
  visit("fingerprint", "bigint", row.staged.fingerprint);
  if (row.table == RowTable::kClicks) {
    visit("day_at", "bigint", row.staged.row.occurred_at.us);
    visit("clicks", "bigint", row.staged.clicks);
    return;
  }
  visit("occurred_at", "bigint", row.staged.row.occurred_at.us);
  visit("booked_at", "bigint", row.staged.row.booked_at.us);
  visit("clicked_at", "bigint", row.staged.row.clicked_at.us);
  visit("first_seen_at", "bigint", row.staged.row.first_seen_at.us);
  visit("sub_id", "text", row.staged.row.sub_id);
  visit("order_id", "text", row.staged.row.order_id);
  visit("transaction_id", "text", row.staged.row.transaction_id);
  visit("advertiser", "text", row.staged.row.advertiser);
  visit("amount_minor", "bigint", row.staged.row.amount_minor);
  visit("commission_minor", "bigint", row.staged.row.commission_minor);
  visit("currency", "text", row.currency);
  visit("status", "text", row.status);
  visit("network_status", "text", row.staged.row.network_status);
  visit("is_correction", "bigint", row.is_correction);
}

struct WriterRow {
  RowTable table = RowTable::kRows;
  StagedRow staged = {};
  std::string currency = {};
  std::string status = {};
  std::int64_t is_correction = 0;

  void set(StagedRow&& row) {
    staged = std::move(row);
    currency.assign(staged.row.currency.text());
    status.assign(reconcile::name_of(staged.row.status));
    is_correction = staged.row.is_correction ? 1 : 0;
  }
};

// One statement, prepared once and run for each row.
void insert_one_by_one(
    soci::session& session, RowTable table, std::int64_t ledger, std::int64_t import, std::span<StagedRow> rows) {
  WriterRow row{table};
  soci::statement statement(session);
  statement.exchange(soci::use(import, "import"));
  statement.exchange(soci::use(ledger, "ledger"));
  std::string names = "import, ledger";
  std::string values = ":import, :ledger";
  for_each_row_column(row, [&](const char* name, const char* /*type*/, auto& member) {
    statement.exchange(soci::use(member, name));
    names += fmt::format(", {}", name);
    values += fmt::format(", :{}", name);
  });
  statement.alloc();
  statement.prepare(fmt::format("INSERT INTO {} ({}) VALUES ({})", name_of(table), names, values));
  statement.define_and_bind();
  for (StagedRow& staged : rows) {
    row.set(std::move(staged));
    statement.execute(true);
  }
}

// All rows with one statement, as a document: a round trip for each would take most of the time.
void insert_at_once(
    soci::session& session, RowTable table, std::int64_t ledger, std::int64_t import, std::span<StagedRow> rows) {
  WriterRow row{table};
  json::array document;
  for (StagedRow& staged : rows) {
    row.set(std::move(staged));
    json::object object;
    for_each_row_column(row, [&](const char* name, const char* /*type*/, auto& member) { object[name] = member; });
    document.push_back(std::move(object));
  }
  const std::string text = json::serialize(document);
  std::string names;
  std::string types;
  for_each_row_column(row, [&](const char* name, const char* type, auto& /*member*/) {
    names += fmt::format(", {}", name);
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", name, type);
  });
  session << fmt::format(
      "INSERT INTO {0} (import, ledger{1}) SELECT CAST(:import AS bigint), CAST(:ledger AS bigint){1} FROM "
      "jsonb_to_recordset(CAST(:document AS jsonb)) AS r ({2})",
      name_of(table),
      names,
      types),
      soci::use(import), soci::use(ledger), soci::use(text);
}

}  // namespace

std::int64_t hash_of_key(std::string_view key) {
  constexpr std::size_t kMaxNumberDigits = 18;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  const bool is_number = !key.empty() && key.size() <= kMaxNumberDigits && key.front() >= '1' && key.front() <= '9' &&
                         error == std::errc() && end == key.data() + key.size();
  if (is_number) {
    return number;
  }
  const crypto::Digest sum = crypto::sha256(key);
  std::int64_t hash = 0;
  std::memcpy(&hash, sum.data(), sizeof(hash));
  return hash;
}

PresentRows load_present(soci::session& session,
                         RowTable table,
                         std::int64_t ledger,
                         std::span<const std::int64_t> key_hashes) {
  const bool is_json = is_sqlite(session);
  const std::string list = list_of(key_hashes, is_json);
  const std::string first_seen = table == RowTable::kRows ? "r.first_seen_at" : "r.day_at";
  const std::string from = is_json ? fmt::format(
                                         "json_each(:list) h CROSS JOIN {} r ON r.key_hash = h.value AND "
                                         "r.ledger = :ledger",
                                         name_of(table))
                                   : fmt::format(
                                         "{} r JOIN unnest(CAST(:list AS bigint[])) AS h (value) ON r.key_hash "
                                         "= h.value AND r.ledger = :ledger",
                                         name_of(table));
  std::string key;
  PresentRow row;
  soci::statement statement = (session.prepare << fmt::format(
                                   "SELECT r.row_key, r.version, r.fingerprint, {} FROM {} WHERE r.import NOT IN "
                                   "(SELECT number FROM report_imports WHERE ledger = :same AND state <> 'complete')",
                                   first_seen,
                                   from),
                               soci::use(list, "list"),
                               soci::use(ledger, "ledger"),
                               soci::use(ledger, "same"),
                               soci::into(key),
                               soci::into(row.version),
                               soci::into(row.fingerprint),
                               soci::into(row.first_seen_at.us));
  statement.execute();
  PresentRows present;
  while (statement.fetch()) {
    PresentRow& known = present[key];
    if (row.version > known.version) {
      known = row;
    }
  }
  return present;
}

void insert_rows(
    soci::session& session, RowTable table, std::int64_t ledger, std::int64_t import, std::span<StagedRow> rows) {
  if (rows.empty()) {
    return;
  }
  if (is_sqlite(session)) {
    insert_one_by_one(session, table, ledger, import, rows);
  } else {
    insert_at_once(session, table, ledger, import, rows);
  }
}

}  // namespace tallystick::settlement
