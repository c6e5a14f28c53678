#include "settlement/report_store.h"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "settlement/import_store.h"

namespace tallystick::settlement {
namespace {

// The version that counts: of a completed import, and none greater is.
constexpr std::string_view kPresent =
    "r.import NOT IN (SELECT number FROM report_imports WHERE ledger = :l1 AND state <> 'complete') AND NOT EXISTS "
    "(SELECT 1 FROM {0} n WHERE n.ledger = r.ledger AND n.key_hash = r.key_hash AND n.version > r.version AND "
    "n.row_key "
    "= r.row_key AND n.import NOT IN (SELECT number FROM report_imports WHERE ledger = :l2 AND state <> 'complete'))";

constexpr std::string_view kRowColumns =
    "r.row_key, r.version, i.id, r.line, r.occurred_at, r.booked_at, r.clicked_at, r.first_seen_at, r.sub_id, "
    "r.order_id, r.transaction_id, r.advertiser, r.amount_minor, r.commission_minor, r.currency, r.status, "
    "r.network_status, r.is_correction";

// A row as it is fetched.
class FetchedRow {
 public:
  void bind(soci::statement& statement) {
    statement.exchange(soci::into(row_.key));
    statement.exchange(soci::into(row_.version));
    statement.exchange(soci::into(import_));
    statement.exchange(soci::into(row_.line));
    statement.exchange(soci::into(row_.occurred_at.us));
    statement.exchange(soci::into(row_.booked_at.us));
    statement.exchange(soci::into(row_.clicked_at.us));
    statement.exchange(soci::into(row_.first_seen_at.us));
    statement.exchange(soci::into(row_.sub_id));
    statement.exchange(soci::into(row_.order_id));
    statement.exchange(soci::into(row_.transaction_id));
    statement.exchange(soci::into(row_.advertiser));
    statement.exchange(soci::into(row_.amount_minor));
    statement.exchange(soci::into(row_.commission_minor));
    statement.exchange(soci::into(currency_));
    statement.exchange(soci::into(status_));
    statement.exchange(soci::into(row_.network_status));
    statement.exchange(soci::into(is_correction_));
  }

  ReportRow take() {
    if (currency_ != row_.currency.text()) {
      const auto currency = base::parse_currency(currency_);
      if (!currency) {
        throw std::runtime_error("report_rows.currency holds what is none");
      }
      row_.currency = *currency;
    }
    if (!base::parse_uuid_into(import_, row_.import_id)) {
      throw std::runtime_error("report_imports.id holds what is none");
    }
    row_.status = status();
    row_.is_correction = is_correction_ != 0;
    return row_;
  }

 private:
  [[nodiscard]] reconcile::Status status() const {
    using enum reconcile::Status;
    for (const reconcile::Status status : {kPending, kApproved, kPaid, kReversed}) {
      if (reconcile::name_of(status) == status_) {
        return status;
      }
    }
    throw std::runtime_error("report_rows.status holds what is none");
  }

  ReportRow row_;
  std::string import_, currency_, status_;
  std::int64_t is_correction_ = 0;
};

}  // namespace

void for_each_row(soci::session& session,
                  const base::Uuid& partner_id,
                  base::Timestamp from,
                  base::Timestamp to,
                  const std::function<void(ReportRow&&)>& take) {
  const auto ledger = find_ledger(session, partner_id);
  if (!ledger) {
    return;
  }
  FetchedRow row;
  soci::statement statement(session);
  row.bind(statement);
  for (const char* name : {"l0", "l1", "l2", "l3"}) {
    statement.exchange(soci::use(*ledger, name));
  }
  for (const char* name : {"from1", "from2"}) {
    statement.exchange(soci::use(from.us, name));
  }
  for (const char* name : {"to1", "to2"}) {
    statement.exchange(soci::use(to.us, name));
  }
  statement.alloc();
  // By bytes on either database, whatever the language of the installation.
  const bool has_collations = session.get_backend_name() == "postgresql";
  statement.prepare(
      fmt::format("SELECT {} FROM report_rows r JOIN report_imports i ON i.number = r.import WHERE ((r.ledger = :l0 "
                  "AND r.occurred_at >= :from1 AND r.occurred_at < :to1) OR (r.ledger = :l3 AND r.booked_at >= :from2 "
                  "AND r.booked_at < :to2)) AND {} ORDER BY r.row_key{}",
                  kRowColumns,
                  fmt::format(kPresent, "report_rows"),
                  has_collations ? " COLLATE \"C\"" : ""));
  statement.define_and_bind();
  statement.execute();
  while (statement.fetch()) {
    take(row.take());
  }
}

std::optional<std::int64_t> load_stated_clicks(soci::session& session,
                                               const base::Uuid& partner_id,
                                               base::Timestamp from,
                                               base::Timestamp to) {
  const auto ledger = find_ledger(session, partner_id);
  if (!ledger) {
    return std::nullopt;
  }
  std::int64_t rows = 0;
  std::int64_t clicks = 0;
  session << fmt::format(
      "SELECT COUNT(*), CAST(COALESCE(SUM(r.clicks), 0) AS BIGINT) FROM report_clicks r WHERE "
      "r.ledger = :l0 AND r.day_at >= :from AND r.day_at < :to AND {}",
      fmt::format(kPresent, "report_clicks")),
      soci::into(rows), soci::into(clicks), soci::use(*ledger, "l0"), soci::use(from.us, "from"),
      soci::use(to.us, "to"), soci::use(*ledger, "l1"), soci::use(*ledger, "l2");
  return rows == 0 ? std::nullopt : std::optional(clicks);
}

std::vector<ReportRow> load_rows_of_import(soci::session& session,
                                           std::int64_t import,
                                           std::int64_t after,
                                           std::int64_t max_rows) {
  FetchedRow row;
  soci::statement statement(session);
  row.bind(statement);
  statement.exchange(soci::use(import, "import"));
  statement.exchange(soci::use(after, "after"));
  statement.exchange(soci::use(max_rows, "max_rows"));
  statement.alloc();
  statement.prepare(fmt::format(
      "SELECT {} FROM report_rows r JOIN report_imports i ON i.number = r.import WHERE r.import = :import AND "
      "r.line > :after AND i.state = 'complete' ORDER BY r.line LIMIT :max_rows",
      kRowColumns));
  statement.define_and_bind();
  statement.execute();
  std::vector<ReportRow> rows;
  while (statement.fetch()) {
    rows.push_back(row.take());
  }
  return rows;
}

}  // namespace tallystick::settlement
