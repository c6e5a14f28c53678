#pragma once
// Which run says by how much a partner differs from us in some days. Pure but for the loading of runs.

#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "base/uuid.h"
#include "reconcile/run_service.h"
#include "settlement/reconciliation_period.h"

namespace tallystick::settlement {

// Of runs, newest first: the first that covers the days; else the first of the month in which they end. Null: none.
[[nodiscard]] const reconcile::Run* choose_run(std::span<const reconcile::Run> runs, const Days& days);

struct KnownVariance {
  std::string percent;  // of the currency where it is greatest
  std::string reason;   // "run <id> of 2026-10-01 to 2026-10-31, EUR"
};
// Nothing when the run found nothing to compare.
[[nodiscard]] std::optional<KnownVariance> variance_of(const reconcile::Run& run);

[[nodiscard]] base::Result<std::optional<KnownVariance>> load_variance(reconcile::RunService& runs,
                                                                       const base::Uuid& partner_id,
                                                                       const Days& days);

}  // namespace tallystick::settlement
