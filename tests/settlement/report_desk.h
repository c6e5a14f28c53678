#pragma once
// Report rows of a partner written straight into the database, as an import leaves them. One thread.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <soci/soci.h>

#include "base/random.h"
#include "base/time.h"
#include "records/database.h"
#include "settlement/import_store.h"
#include "settlement/partner_terms.h"
#include "settlement/report_row.h"
#include "settlement/report_store.h"

namespace tallystick::settlement {

class KnownPartners final : public PartnerDirectory {
 public:
  explicit KnownPartners(std::vector<PartnerTerms> terms) : terms_(std::move(terms)) {}
  [[nodiscard]] base::Result<PartnerTerms> find(std::string_view slug_or_id) override {
    for (const PartnerTerms& terms : terms_) {
      if (slug_or_id == terms.slug || slug_or_id == base::format_uuid(terms.id)) {
        return terms;
      }
    }
    return base::fail(base::ErrorKind::kNotFound, "partner_not_found", "there is no such partner");
  }
  [[nodiscard]] base::Result<std::vector<PartnerTerms>> list() override { return terms_; }

 private:
  std::vector<PartnerTerms> terms_;
};

inline void insert_partner(soci::session& session, const PartnerTerms& terms) {
  const std::string id = base::format_uuid(terms.id);
  session << "INSERT INTO partners (id, slug, name, network, status, allowed_hosts, allows_http, sub_id_parameter, "
             "public_page, link_lifetime_s, throttle_per_second, currency, time_zone, tolerance_basis_points, "
             "postback_secret, postback_sources, allows_duplicate_postbacks, contacts, created_at, updated_at, "
             "version) VALUES (:id, :slug, :name, 'generic', 'active', '[]', 0, '', '', 60, 0, 'EUR', :zone, 200, '', "
             "'[]', 0, '[]', 1, 1, 1)",
      soci::use(id), soci::use(terms.slug), soci::use(terms.name), soci::use(terms.time_zone);
}

// A complete import of these rows; its id. `finish` runs in the same transaction, behind them.
inline base::Uuid insert_report(records::Database& database,
                                const base::Uuid& partner_id,
                                base::Timestamp now,
                                base::Random& random,
                                std::vector<ReportRow> rows,
                                const std::function<void(soci::session&, const base::Uuid&)>& finish = {}) {
  const base::Uuid id = base::make_uuid_v7(now, random);
  const auto done = database.write<bool>([&](soci::session& session) -> base::Result<bool> {
    ReportImport import;
    import.id = id;
    import.ledger = open_ledger(session, partner_id);
    import.partner_id = partner_id;
    import.state = ImportState::kComplete;
    import.file_name = "report.csv";
    import.kind = "commissions";
    import.created_at = now;
    import.finished_at = now;
    insert_import(session, import);
    std::vector<StagedRow> staged;
    for (ReportRow& row : rows) {
      row.line = std::ssize(staged) + 2;
      row.first_seen_at = now;
      const std::int64_t hash = hash_of_key(row.key);
      staged.push_back({.row = std::move(row), .key_hash = hash, .fingerprint = 1});
    }
    insert_rows(session, RowTable::kRows, import.ledger, find_import(session, id)->number, staged);
    if (finish) {
      finish(session, id);
    }
    return true;
  });
  if (!done) {
    throw std::runtime_error(done.error().code + ": " + done.error().message);
  }
  return id;
}

}  // namespace tallystick::settlement
