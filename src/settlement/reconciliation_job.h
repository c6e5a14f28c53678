#pragma once
// Reconciliations as jobs: asked for by people, by the night, by imports. Thread-safe.

#include <string>

#include <soci/soci.h>

#include "base/error.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "base/uuid.h"
#include "jobs/queue.h"
#include "jobs/runner.h"
#include "records/database.h"
#include "settlement/partner_terms.h"
#include "settlement/reconciliation_period.h"
#include "settlement/reconciliation_service.h"

namespace tallystick::settlement {

inline constexpr const char* kReconcileJob = "partner.reconcile";
inline constexpr const char* kNightlyJob = "partner.reconcile_all";
// Of an import, the newest.
inline constexpr std::size_t kMaxMonthsOfImport = 24;

// `import_id` nil: it is not for an import.
[[nodiscard]] jobs::Draft make_reconcile_draft(const PartnerTerms& terms,
                                               const Days& days,
                                               const std::string& actor,
                                               const base::Uuid& import_id = {});

// {"run": id, "findings": [{"currency", "variance_pct", "is_discrepancy"}]}; what a payload must be, it says. Error
// code besides those of ReconciliationService: "bad_job".
[[nodiscard]] jobs::Handler make_reconcile_handler(ReconciliationService& service);

class ReconciliationScheduler {
 public:
  // All outlive it.
  struct Rooms {
    records::Database& database;
    jobs::Queue& queue;
    ReconciliationService& service;
    PartnerDirectory& partners;
    const base::Clock& clock;
  };
  // `time_zone`: reports.time_zone.
  ReconciliationScheduler(const Rooms& rooms, base::TimeZone time_zone)
      : rooms_(rooms), time_zone_(std::move(time_zone)) {}

  // For every active partner that has reports: this month as far as it can be reconciled, and last month when rows
  // arrived since its last run. {"queued": n}
  [[nodiscard]] base::Result<std::string> queue_nightly(jobs::JobContext& context);

  // In the transaction that completes the import: the months in which its rows happened or were booked.
  [[nodiscard]] base::Result<void> queue_for_import(soci::session& session,
                                                    const PartnerTerms& terms,
                                                    const base::Uuid& import_id);

 private:
  [[nodiscard]] base::Result<std::vector<Days>> plan_night(const PartnerTerms& terms);

  const Rooms rooms_;
  const base::TimeZone time_zone_;
};

}  // namespace tallystick::settlement
