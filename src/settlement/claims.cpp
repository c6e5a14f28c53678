#include "settlement/claims.h"

#include <utility>

#include "settlement/claims_row.h"
#include "settlement/report_row.h"

namespace tallystick::settlement {

base::Result<ClaimSide> load_claims(records::Database& database,
                                    const base::Uuid& partner_id,
                                    const Span& period,
                                    const Span& loaded) {
  return database.read<ClaimSide>([&](soci::session& session) -> base::Result<ClaimSide> {
    ClaimSide side;
    for_each_row(session, partner_id, loaded.from, loaded.to, [&](ReportRow&& row) {
      ++side.imports[row.import_id];
      side.transactions.push_back(normalise_reference(row.transaction_id));
      side.claims.push_back(make_claim(std::move(row)));
    });
    side.stated_clicks = load_stated_clicks(session, partner_id, period.from, period.to);
    return side;
  });
}

}  // namespace tallystick::settlement
