#pragma once
// A discrepancy: a finding above the tolerance, which somebody looks after until it is resolved (30-partners,
// "Reconciliation"). Plain values and pure rules.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/model.h"
#include "base/error.h"
#include "base/money.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "base/uuid.h"
#include "reconcile/model.h"

namespace tallystick::reconcile {

struct Run;

enum class DiscrepancyState : std::uint8_t { kOpen, kInvestigating, kResolved };
[[nodiscard]] std::string_view name_of(DiscrepancyState state);
// Error code: "unknown_state".
[[nodiscard]] base::Result<DiscrepancyState> parse_discrepancy_state(std::string_view text);

// Why it needs nobody any more.
enum class Resolution : std::uint8_t {
  kUnresolved,        // nothing yet
  kPartnerCorrects,   // they change their report or pay
  kWeCorrect,         // our records were wrong
  kSettlesElsewhere,  // in another period: the difference goes away by itself
  kAccepted,          // it stays, and we live with it
  kOther,
};
[[nodiscard]] std::string_view name_of(Resolution resolution);  // "partner_corrects", ...; "" for kUnresolved
// Error code: "unknown_resolution".
[[nodiscard]] base::Result<Resolution> parse_resolution(std::string_view text);

// What is still to be told to the alerts.
enum class AlertState : std::uint8_t { kWanted, kRaised, kSettling, kSettled };
[[nodiscard]] std::string_view name_of(AlertState state);
// Error code: "unknown_state".
[[nodiscard]] base::Result<AlertState> parse_alert_state(std::string_view text);

struct DiscrepancyNote {
  base::Uuid id;
  base::Uuid run_id = {};  // the run that it tells of; nil: a person wrote it
  std::string author;
  std::string text;
  base::Timestamp created_at;
};

struct Discrepancy {
  base::Uuid id;
  base::Uuid run_id;         // that opened it
  base::Uuid latest_run_id;  // that the figures are of
  std::string kind, subject, subject_name;
  base::Date from, to;
  std::string time_zone;  // in which it is due
  base::Currency currency;
  std::int64_t our_commission_minor = 0, their_commission_minor = 0;
  Variance variance;
  DiscrepancyState state = DiscrepancyState::kOpen;
  std::string owner = {};
  base::Date due_date;
  Resolution resolution = Resolution::kUnresolved;
  std::string resolution_text = {};
  base::Uuid alert_id = {};  // nil: not raised yet
  AlertState alert_state = AlertState::kWanted;
  base::Timestamp created_at, updated_at;
  base::Timestamp resolved_at = {};  // zero: not yet
  std::int64_t version = 1;
};

// One business day (Monday to Friday) after the day of `run_at` in that zone.
[[nodiscard]] base::Date due_date(base::Timestamp run_at, const base::TimeZone& zone);
// Whether the day on which it is due is over, there.
[[nodiscard]] bool is_overdue(const Discrepancy& discrepancy, base::Timestamp now);

// Whether a run of these days speaks of the discrepancy: the same days, or the same month, which has got on since.
[[nodiscard]] bool is_about(const Discrepancy& discrepancy, base::Date from, base::Date to);

// "-12.50 EUR (2.47 %)": theirs - ours.
[[nodiscard]] std::string describe_difference(const base::Currency& currency,
                                              std::int64_t our_commission_minor,
                                              std::int64_t their_commission_minor,
                                              const Variance& variance);

// The alert of a discrepancy. `causes` are those of its finding; the largest go into the evidence.
[[nodiscard]] alerts::Occurrence occurrence_of(const Discrepancy& discrepancy, std::span<const CauseAmount> causes);
[[nodiscard]] std::string alert_key_of(const Discrepancy& discrepancy);

// Of those that are overdue, under the keys of their alerts, which become critical by it.
[[nodiscard]] std::vector<alerts::Occurrence> overdue_occurrences(std::span<const Discrepancy> discrepancies,
                                                                  base::Timestamp now);

}  // namespace tallystick::reconcile
