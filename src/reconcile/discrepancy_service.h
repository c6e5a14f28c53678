#pragma once
// Discrepancies: opened and followed by runs, settled by people, with an alert while they are open. What is to be told
// to the alerts is kept with the discrepancy first, so that a crash in between loses nothing. Thread-safe: blocks on
// the database.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "access/audit.h"
#include "alerts/service.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "reconcile/discrepancy.h"
#include "reconcile/discrepancy_store.h"
#include "records/database.h"

namespace tallystick::reconcile {

inline constexpr std::size_t kMaxOwnerBytes = 200;
inline constexpr std::size_t kMaxNoteBytes = 2'000;

// What is named changes.
struct DiscrepancyChange {
  std::optional<std::string> owner = {};
  std::optional<base::Date> due_date = {};
  std::optional<DiscrepancyState> state = {};
  std::optional<Resolution> resolution = {};  // with state kResolved, and not without
  std::optional<std::string> resolution_text = {};
};

struct DiscrepancyHistory {
  Discrepancy discrepancy;
  std::vector<DiscrepancyNote> notes;
};

class DiscrepancyService {
 public:
  // All must outlive it.
  DiscrepancyService(records::Database& database,
                     access::AuditLog& audit,
                     alerts::AlertService& alerts,
                     const base::Clock& clock,
                     base::Random& random)
      : database_(database), audit_(audit), alerts_(alerts), clock_(clock), random_(random) {}

  // In the transaction that completes `run`: above the tolerance a discrepancy is opened, unless there is one about the
  // same, which has the run noted on it; so has one whose run is within the tolerance now, which closes nothing.
  [[nodiscard]] base::Result<void> record_run(soci::session& session, const Run& run);
  // Raises the alerts of new discrepancies, resolves those of resolved ones. After each of the above, and every hour.
  [[nodiscard]] base::Result<void> settle_alerts();

  [[nodiscard]] base::Result<std::vector<Discrepancy>> list(const DiscrepancyFilter& filter,
                                                            std::string_view after,
                                                            std::int64_t max_discrepancies);
  // That the run opened or is noted on.
  [[nodiscard]] base::Result<std::vector<Discrepancy>> list_of_run(const base::Uuid& run_id);
  // Error code: "discrepancy_not_found".
  [[nodiscard]] base::Result<DiscrepancyHistory> get(const base::Uuid& id);
  // Error codes: "discrepancy_not_found", "discrepancy_resolved", "version_conflict", "validation_failed".
  [[nodiscard]] base::Result<Discrepancy> change(const base::Uuid& id,
                                                 const DiscrepancyChange& change,
                                                 const std::optional<std::int64_t>& expected_version,
                                                 const access::ChangeContext& context);
  // Of a resolved one too. Error codes: "discrepancy_not_found", "validation_failed".
  [[nodiscard]] base::Result<DiscrepancyNote> add_note(const base::Uuid& id,
                                                       const std::string& text,
                                                       const std::string& author,
                                                       const access::ChangeContext& context);
  // For the hourly check of alerts: what is due and not resolved.
  [[nodiscard]] base::Result<std::vector<alerts::Occurrence>> list_overdue();
  // As of now.
  [[nodiscard]] bool is_late(const Discrepancy& discrepancy) const { return is_overdue(discrepancy, clock_.now()); }

 private:
  [[nodiscard]] base::Result<void> open(soci::session& session, const Run& run, const Finding& finding);
  [[nodiscard]] base::Result<void> follow(soci::session& session,
                                          const Run& run,
                                          const Finding& finding,
                                          const Discrepancy& before);
  void note_run(soci::session& session, const base::Uuid& discrepancy_id, const Run& run, std::string text);
  [[nodiscard]] base::Result<void> append_audit(soci::session& session,
                                                std::string_view action,
                                                const Discrepancy* before,
                                                const Discrepancy& after,
                                                const access::ChangeContext& context);
  [[nodiscard]] base::Result<void> raise_alert(const Discrepancy& discrepancy);
  [[nodiscard]] base::Result<void> resolve_alert(const Discrepancy& discrepancy);
  [[nodiscard]] base::Result<void> told_alerts(const base::Uuid& id,
                                               AlertState before,
                                               AlertState after,
                                               const base::Uuid& alert_id);

  records::Database& database_;
  access::AuditLog& audit_;
  alerts::AlertService& alerts_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::reconcile
