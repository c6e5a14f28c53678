#pragma once
// Reconciliation runs: matches, explains and keeps the outcome, immutable (I9), with discrepancies that people settle.
// A crash at any point leaves either nothing or the whole run: its items are written in portions that nobody sees until
// the last transaction. Thread-safe: blocks on the database.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "alerts/service.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "reconcile/explain.h"
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
      : database_(database), audit_(audit), alerts_(alerts), clock_(clock), random_(random) {}

  // Matches, explains, keeps. Above the tolerance: a discrepancy, due in one business day, and an alert. Error code:
  // "cancelled", besides those of match() and explain().
  [[nodiscard]] base::Result<Run> run(const RunRequest& request, const Sides& sides, const RunProgress& progress);
  // Error code: "run_not_found".
  [[nodiscard]] base::Result<Run> get(const base::Uuid& id);
  // Of a subject ("": any), newest first; `before_id` is where the page before ended.
  [[nodiscard]] base::Result<std::vector<Run>> list(std::string_view subject,
                                                    std::string_view before_id,
                                                    std::int64_t max_runs);
  // The newest run of the subject whose days are exactly these, if there is one.
  [[nodiscard]] base::Result<std::optional<Run>> find_latest(std::string_view subject, base::Date from, base::Date to);

 private:
  records::Database& database_;
  access::AuditLog& audit_;
  alerts::AlertService& alerts_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::reconcile
