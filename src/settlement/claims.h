#pragma once
// A partner's report rows as claims (reconcile/model.h). The database is read in one transaction, so claims are of one
// moment: every import counts whole or not at all.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"
#include "reconcile/model.h"
#include "records/database.h"
#include "settlement/reconciliation_period.h"

namespace tallystick::settlement {

struct ClaimSide {
  std::vector<reconcile::Claim> claims;
  std::vector<std::string> transactions;           // of each claim, normalised; may be empty
  std::map<base::Uuid, std::int64_t> imports;      // rows by the import that stated them last
  std::optional<std::int64_t> stated_clicks = {};  // of the period
};

// Rows that happened or were booked within `loaded`; clicks of `period`. Both in the partner's time zone.
[[nodiscard]] base::Result<ClaimSide> load_claims(records::Database& database,
                                                  const base::Uuid& partner_id,
                                                  const Span& period,
                                                  const Span& loaded);

}  // namespace tallystick::settlement
