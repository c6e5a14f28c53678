#pragma once
// Reconciles a partner's report with what happened: waits for the warehouse, loads both sides, hands them to room
// `reconcile`. Nothing is written before the run is whole, so whatever was cut off is simply done again. Thread-safe:
// blocks on both databases, so it runs in jobs.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "reconcile/run_service.h"
#include "records/database.h"
#include "settlement/claims.h"
#include "settlement/partner_terms.h"
#include "settlement/reconciliation_period.h"
#include "settlement/truth.h"
#include "settlement/truth_position.h"
#include "warehouse/warehouse.h"

namespace tallystick::settlement {

struct ReconciliationOptions {
  std::string time_zone = "UTC";  // ours: reports.time_zone
  std::int64_t margin_days = 45;
  std::int64_t warehouse_wait_us = base::kMicrosPerMinute;
  TruthLimits limits = {};
};

class ReconciliationService {
 public:
  // All outlive it.
  struct Rooms {
    records::Database& database;
    warehouse::Warehouse* warehouse;  // null: there is none
    reconcile::RunService& runs;
    PartnerDirectory& partners;
    const base::Clock& clock;
    std::function<std::optional<LogPosition>()> durable;       // of the log of this server
    std::function<std::optional<LogPosition>()> loaded = [] {  // TruthWait::loaded
      return std::nullopt;
    };
    std::function<void(std::int64_t us)> pause;
  };

  ReconciliationService(Rooms rooms, ReconciliationOptions options)
      : rooms_(std::move(rooms)), options_(std::move(options)) {}

  struct Order {
    std::string partner = {};  // slug or id
    Days days = {};
    std::string job_id = {};        // empty: none
    base::Timestamp asked_at = {};  // zero: not said
    base::Uuid import_id = {};      // because of these rows; nil: not because of any
    std::string actor = "system";
  };
  // When there is a run of these days already that this job made before it was cut off, or that read the rows after it
  // was asked for, or that has the rows of the import, then it is the answer, and no other is made. Error codes:
  // "partner_not_found", "warehouse_off", "cancelled" and those of RunService, TruthLoader.
  [[nodiscard]] base::Result<reconcile::Run> run(const Order& order, const reconcile::RunProgress& progress);

  // The newest run of the partner that covers these days exactly; else, for a whole month, the newest that begins with
  // it and ends in it.
  [[nodiscard]] base::Result<std::optional<reconcile::Run>> find_run(const base::Uuid& partner_id, const Days& days);

 private:
  [[nodiscard]] base::Result<std::optional<reconcile::Run>> find_answer(const Order& order, const PartnerTerms& terms);
  [[nodiscard]] base::Result<reconcile::Run> make_run(const Order& order,
                                                      const PartnerTerms& terms,
                                                      const reconcile::RunProgress& progress);

  const Rooms rooms_;
  const ReconciliationOptions options_;
};

// "partner:<id>"
[[nodiscard]] std::string subject_of(const base::Uuid& partner_id);

}  // namespace tallystick::settlement
