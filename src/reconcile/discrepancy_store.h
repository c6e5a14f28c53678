#pragma once
// The SQL of discrepancies and their notes. In the caller's transaction; throws soci::soci_error.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "reconcile/discrepancy.h"

namespace tallystick::reconcile {

struct DiscrepancyFilter {
  std::optional<DiscrepancyState> state = {};
  bool is_unresolved_only = false;
  std::string subject = {};  // empty: any
  std::string owner = {};    // empty: any
};

void insert(soci::session& session, const Discrepancy& discrepancy);
// Counts the version up; false when it is no longer the one of `discrepancy`.
[[nodiscard]] bool update(soci::session& session, const Discrepancy& discrepancy);
// For a change: other changes wait until the transaction ends.
[[nodiscard]] std::optional<Discrepancy> lock_discrepancy(soci::session& session, const base::Uuid& id);
// Of a subject and a first day, newest first, for a change too.
[[nodiscard]] std::vector<Discrepancy> lock_discrepancies(soci::session& session,
                                                          const std::string& kind,
                                                          const std::string& subject,
                                                          base::Date from);
[[nodiscard]] std::optional<Discrepancy> find_discrepancy(soci::session& session, const base::Uuid& id);
// In the order of creation, after the id `after`.
[[nodiscard]] std::vector<Discrepancy> load_discrepancies(soci::session& session,
                                                          const DiscrepancyFilter& filter,
                                                          std::string_view after,
                                                          std::int64_t max_discrepancies);
// Whose alerts are still to be raised or resolved.
[[nodiscard]] std::vector<Discrepancy> load_unsettled(soci::session& session, std::int64_t max_discrepancies);
// That a run opened or is noted on.
[[nodiscard]] std::vector<Discrepancy> load_of_run(soci::session& session, const base::Uuid& run_id);
// What the alerts were told; 'wanted' becomes 'raised' and 'settling' 'settled' unless it changed meanwhile.
void update_alert(
    soci::session& session, const base::Uuid& id, AlertState before, AlertState after, const base::Uuid& alert_id);

void insert_note(soci::session& session, const base::Uuid& discrepancy_id, const DiscrepancyNote& note);
// Oldest first.
[[nodiscard]] std::vector<DiscrepancyNote> load_notes(soci::session& session, const base::Uuid& discrepancy_id);

}  // namespace tallystick::reconcile
