#include "settlement/reconciliation_store.h"

#include <string>

namespace tallystick::settlement {

std::optional<base::Timestamp> find_last_booking(soci::session& session,
                                                 const base::Uuid& partner_id,
                                                 base::Timestamp now) {
  const std::string partner = base::format_uuid(partner_id);
  base::Timestamp last;
  session << "SELECT r.booked_at FROM report_rows r JOIN report_ledgers l ON l.number = r.ledger JOIN report_imports i "
             "ON i.number = r.import WHERE l.partner_id = :partner AND r.booked_at < :now AND i.state = 'complete' "
             "ORDER BY r.booked_at DESC LIMIT 1",
      soci::into(last.us), soci::use(partner), soci::use(now.us);
  return session.got_data() ? std::optional(last) : std::nullopt;
}

bool has_rows_since(soci::session& session, const base::Uuid& partner_id, const Span& span, base::Timestamp since) {
  const std::string partner = base::format_uuid(partner_id);
  std::int64_t found = 0;
  session << "SELECT CASE WHEN EXISTS (SELECT 1 FROM report_imports i JOIN report_rows r ON r.import = i.number WHERE "
             "i.partner_id = :partner AND i.state = 'complete' AND i.finished_at > :since AND ((r.booked_at >= :from1 "
             "AND r.booked_at < :to1) OR (r.occurred_at >= :from2 AND r.occurred_at < :to2))) THEN 1 ELSE 0 END",
      soci::into(found), soci::use(partner), soci::use(since.us), soci::use(span.from.us), soci::use(span.to.us),
      soci::use(span.from.us), soci::use(span.to.us);
  return found != 0;
}

std::vector<base::Timestamp> load_moments_of_import(soci::session& session, const base::Uuid& import_id) {
  const std::string import = base::format_uuid(import_id);
  const std::int64_t unit_us = kMomentUs;
  std::int64_t quarter = 0;
  soci::statement statement =
      (session.prepare << "SELECT r.booked_at / :unit1 FROM report_rows r JOIN report_imports i ON i.number = r.import "
                          "WHERE i.id = :import1 UNION SELECT r.occurred_at / :unit2 FROM report_rows r JOIN "
                          "report_imports i ON i.number = r.import WHERE i.id = :import2",
       soci::into(quarter),
       soci::use(unit_us),
       soci::use(import),
       soci::use(unit_us),
       soci::use(import));
  statement.execute();
  std::vector<base::Timestamp> out;
  while (statement.fetch()) {
    out.push_back({quarter * kMomentUs});
  }
  return out;
}

}  // namespace tallystick::settlement
