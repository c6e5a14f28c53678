#pragma once
// Reconciliation runs: matches, explains and keeps the outcome, immutable (I9), with discrepancies that people settle.
// A crash at any point leaves either nothing or the whole run: its items are written in portions that nobody sees until
// the last transaction. Thread-safe: blocks on the database.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/audit.h"
#include "alerts/service.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "reconcile/discrepancy_service.h"
#include "reconcile/explain.h"
#include "reconcile/item_record.h"
#include "reconcile/item_store.h"
#include "reconcile/matcher.h"
#include "reconcile/model.h"
#include "records/database.h"

namespace tallystick::reconcile {

// What is reconciled with whom.
struct RunRequest {
  std::string kind = "partner";   // who made the claims: "partner", later "affiliate", "ledger"
  std::string subject;            // "partner:<id>"
  std::string subject_name = {};  // for alerts and lists
  base::Date from, to;            // days, both included
  std::string our_time_zone = "UTC", their_time_zone = "UTC";
  std::int64_t tolerance_basis_points = 200;
  std::string sources = "{}";  // JSON: which imports, how far the warehouse was
  std::string actor = "system";
};

// Figures that are counted and not matched, beside each run.
struct ClickFigures {
  std::int64_t our_gross = 0, our_net = 0;
  std::optional<std::int64_t> theirs = {};  // where their report states clicks
};

struct Sides {
  std::vector<Claim> claims;
  std::vector<Truth> truths;
  ClickFigures clicks;
};

struct Run {
  base::Uuid id;
  RunRequest request;
  base::Uuid previous_run_id = {};  // of the same subject and period; nil: the first
  ClickFigures clicks;
  std::vector<Finding> findings;
  std::int64_t claims = 0, truths = 0, items = 0;
  base::Timestamp started_at, finished_at;
};

struct RunFilter {
  std::string subject = {};  // empty: any
  // Runs that have a day in common with [from, to].
  std::optional<base::Date> from = {}, to = {};
  std::optional<std::pair<base::Date, base::Date>> exact_days = {};
};

inline constexpr std::int64_t kItemsPerPortion = 5'000;
// A run that did not move for so long has died, wherever it was.
inline constexpr std::int64_t kAbandonedAfterUs = 10 * base::kMicrosPerMinute;

struct RunProgress {
  std::function<void(std::int64_t done, std::int64_t total, std::string_view note)> report;
  std::function<bool()> is_cancelled;
};

class RunService {
 public:
  // All must outlive it.
  RunService(records::Database& database,
             access::AuditLog& audit,
             alerts::AlertService& alerts,
             const base::Clock& clock,
             base::Random& random)
      : database_(database),
        audit_(audit),
        clock_(clock),
        random_(random),
        discrepancies_(database, audit, alerts, clock, random) {}

  // Matches, explains, keeps. Above the tolerance: a discrepancy, due in one business day, and an alert. Error codes:
  // "cancelled", "bad_period", "no_subject", "unknown_time_zone", besides those of match() and explain().
  [[nodiscard]] base::Result<Run> run(const RunRequest& request, const Sides& sides, const RunProgress& progress);
  // The last part of run(). Error code besides those: "run_abandoned" (it stood still for kAbandonedAfterUs).
  [[nodiscard]] base::Result<Run> keep(const RunRequest& request,
                                       const Sides& sides,
                                       const Matching& matching,
                                       const Outcome& outcome,
                                       const RunProgress& progress);

  // Error code: "run_not_found".
  [[nodiscard]] base::Result<Run> get(const base::Uuid& id);
  // Of a subject ("": any), newest first; `before_id` is where the page before ended.
  [[nodiscard]] base::Result<std::vector<Run>> list(std::string_view subject,
                                                    std::string_view before_id,
                                                    std::int64_t max_runs);
  [[nodiscard]] base::Result<std::vector<Run>> list(const RunFilter& filter,
                                                    std::string_view before_id,
                                                    std::int64_t max_runs);
  // The newest run of the subject whose days are exactly these, if there is one.
  [[nodiscard]] base::Result<std::optional<Run>> find_latest(std::string_view subject, base::Date from, base::Date to);

  // In the order of the run, after the position (-1: from the first). Error code: "run_not_found".
  [[nodiscard]] base::Result<std::vector<ItemRecord>> list_items(const base::Uuid& run_id,
                                                                 const ItemFilter& filter,
                                                                 std::int64_t after_position,
                                                                 std::int64_t max_items);
  // Reads every item. Error code: "run_not_found".
  [[nodiscard]] base::Result<std::vector<ItemTotal>> total_items(const base::Uuid& run_id);

  // What runs that died have left, which nobody sees; at start, and before each run. How many runs.
  [[nodiscard]] base::Result<std::int64_t> remove_leftovers();

  [[nodiscard]] DiscrepancyService& discrepancies() { return discrepancies_; }

 private:
  [[nodiscard]] base::Result<Run> keep_since(base::Timestamp started_at,
                                             const RunRequest& request,
                                             const Sides& sides,
                                             const Matching& matching,
                                             const Outcome& outcome,
                                             const RunProgress& progress);
  [[nodiscard]] base::Result<std::int64_t> begin(const Run& run);
  [[nodiscard]] base::Result<void> write_items(std::int64_t number,
                                               const Sides& sides,
                                               const Matching& matching,
                                               const Outcome& outcome,
                                               const RunProgress& progress);
  [[nodiscard]] base::Result<Run> complete(std::int64_t number, Run run);
  [[nodiscard]] base::Result<void> remove(std::int64_t number);

  records::Database& database_;
  access::AuditLog& audit_;
  const base::Clock& clock_;
  base::Random& random_;
  DiscrepancyService discrepancies_;
};

}  // namespace tallystick::reconcile
