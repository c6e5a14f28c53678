#pragma once
// POST /api/partners/{partner}/reconciliations and GET /api/partners/{partner}/statements/{month}.

#include <functional>

#include "access/audit.h"
#include "base/time.h"
#include "http/router.h"
#include "jobs/queue.h"
#include "reconcile/run_service.h"
#include "records/database.h"
#include "settlement/partner_terms.h"
#include "settlement/reconciliation_service.h"

namespace tallystick::settlement {

// A request that waits holds a worker: no longer than this, and not many at a time.
inline constexpr std::int64_t kMaxWaitS = 30;
inline constexpr int kMaxWaiting = 2;

// All outlive the router.
struct ReconciliationRooms {
  records::Database& database;
  access::AuditLog& audit;
  jobs::Queue& queue;
  reconcile::RunService& runs;
  ReconciliationService& service;
  PartnerDirectory& partners;
  const base::Clock& clock;
  std::function<void(std::int64_t us)> pause;
};

// `make_idempotent` makes a creating handler repeatable by Idempotency-Key.
void add_reconciliation_routes(http::Router& router,
                               const ReconciliationRooms& rooms,
                               const std::function<http::Handler(http::Handler)>& make_idempotent);

}  // namespace tallystick::settlement
