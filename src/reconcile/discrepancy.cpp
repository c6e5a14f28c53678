#include "reconcile/discrepancy.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "reconcile/arithmetic.h"

namespace tallystick::reconcile {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxCausesInEvidence = 3;
constexpr std::size_t kMonthChars = 7;  // "2026-11"

constexpr auto kResolutions = std::to_array<Resolution>({Resolution::kPartnerCorrects,
                                                         Resolution::kWeCorrect,
                                                         Resolution::kSettlesElsewhere,
                                                         Resolution::kAccepted,
                                                         Resolution::kOther});

// 0: Monday. 1970-01-01 was a Thursday.
int weekday_of(base::Date day) {
  return ((day.days + 3) % 7 + 7) % 7;
}

std::string month_name_of(base::Date day) {
  return base::format_date(day).substr(0, kMonthChars);
}

std::string days_of(const Discrepancy& discrepancy) {
  return fmt::format("{} to {}", base::format_date(discrepancy.from), base::format_date(discrepancy.to));
}

std::string name_for_people(const Discrepancy& discrepancy) {
  return discrepancy.subject_name.empty() ? discrepancy.subject : discrepancy.subject_name;
}

std::string describe(const Discrepancy& discrepancy) {
  return describe_difference(
      discrepancy.currency, discrepancy.our_commission_minor, discrepancy.their_commission_minor, discrepancy.variance);
}

json::object figures_of(const Discrepancy& discrepancy) {
  return {{"discrepancy_id", base::format_uuid(discrepancy.id)},
          {"run_id", base::format_uuid(discrepancy.latest_run_id)},
          {"from", base::format_date(discrepancy.from)},
          {"to", base::format_date(discrepancy.to)},
          {"currency", discrepancy.currency.text()},
          {"our_commission_minor", discrepancy.our_commission_minor},
          {"their_commission_minor", discrepancy.their_commission_minor},
          {"difference_minor", minus(discrepancy.their_commission_minor, discrepancy.our_commission_minor)},
          {"variance_pct", discrepancy.variance.percent()},
          {"due_date", base::format_date(discrepancy.due_date)}};
}

}  // namespace

std::string_view name_of(DiscrepancyState state) {
  switch (state) {
    case DiscrepancyState::kOpen:
      return "open";
    case DiscrepancyState::kInvestigating:
      return "investigating";
    case DiscrepancyState::kResolved:
      return "resolved";
  }
  return "open";
}

base::Result<DiscrepancyState> parse_discrepancy_state(std::string_view text) {
  for (const auto state : {DiscrepancyState::kOpen, DiscrepancyState::kInvestigating, DiscrepancyState::kResolved}) {
    if (name_of(state) == text) {
      return state;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_state", "a state is open, investigating or resolved");
}

std::string_view name_of(Resolution resolution) {
  switch (resolution) {
    case Resolution::kUnresolved:
      return "";
    case Resolution::kPartnerCorrects:
      return "partner_corrects";
    case Resolution::kWeCorrect:
      return "we_correct";
    case Resolution::kSettlesElsewhere:
      return "settles_elsewhere";
    case Resolution::kAccepted:
      return "accepted";
    case Resolution::kOther:
      return "other";
  }
  return "";
}

base::Result<Resolution> parse_resolution(std::string_view text) {
  for (const Resolution resolution : kResolutions) {
    if (name_of(resolution) == text) {
      return resolution;
    }
  }
  return base::fail(base::ErrorKind::kInvalid,
                    "unknown_resolution",
                    "a resolution is partner_corrects, we_correct, settles_elsewhere, accepted or other");
}

std::string_view name_of(AlertState state) {
  switch (state) {
    case AlertState::kWanted:
      return "wanted";
    case AlertState::kRaised:
      return "raised";
    case AlertState::kSettling:
      return "settling";
    case AlertState::kSettled:
      return "settled";
  }
  return "wanted";
}

base::Result<AlertState> parse_alert_state(std::string_view text) {
  for (const AlertState state :
       {AlertState::kWanted, AlertState::kRaised, AlertState::kSettling, AlertState::kSettled}) {
    if (name_of(state) == text) {
      return state;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_state", "an alert is wanted, raised, settling or settled");
}

base::Date due_date(base::Timestamp run_at, const base::TimeZone& zone) {
  base::Date day = zone.day_of(run_at) + 1;
  while (weekday_of(day) >= 5) {
    day = day + 1;
  }
  return day;
}

bool is_overdue(const Discrepancy& discrepancy, base::Timestamp now) {
  if (discrepancy.state == DiscrepancyState::kResolved) {
    return false;
  }
  const auto zone = base::TimeZone::find(discrepancy.time_zone);
  // A zone that the system no longer knows: what is late everywhere.
  const base::Date today =
      zone ? zone->day_of(now) : base::Date{static_cast<std::int32_t>(now.us / base::kMicrosPerDay) - 1};
  return today > discrepancy.due_date;
}

bool is_about(const Discrepancy& discrepancy, base::Date from, base::Date to) {
  if (discrepancy.from != from || to < discrepancy.to) {
    return false;
  }
  const bool is_one_month = month_name_of(from) == month_name_of(to);
  return discrepancy.to == to || is_one_month;
}

std::string describe_difference(const base::Currency& currency,
                                std::int64_t our_commission_minor,
                                std::int64_t their_commission_minor,
                                const Variance& variance) {
  const std::int64_t difference = minus(their_commission_minor, our_commission_minor);
  return fmt::format(
      "{}{} ({} %)", difference > 0 ? "+" : "", base::format_money({difference, currency}), variance.percent());
}

std::string alert_key_of(const Discrepancy& discrepancy) {
  return "discrepancy:" + base::format_uuid(discrepancy.id);
}

alerts::Occurrence occurrence_of(const Discrepancy& discrepancy, std::span<const CauseAmount> causes) {
  std::vector<CauseAmount> largest(causes.begin(), causes.end());
  std::ranges::stable_sort(
      largest, std::greater{}, [](const CauseAmount& cause) { return magnitude_of(cause.amount_minor); });
  largest.resize(std::min(largest.size(), kMaxCausesInEvidence));
  json::object evidence = figures_of(discrepancy);
  json::array listed;
  for (const CauseAmount& cause : largest) {
    listed.push_back(json::object{
        {"cause", name_of(cause.cause)}, {"amount_minor", cause.amount_minor}, {"records", cause.records}});
  }
  evidence["largest_causes"] = std::move(listed);
  return {.dedupe_key = alert_key_of(discrepancy),
          .severity = alerts::Severity::kWarning,
          .subject = discrepancy.subject,
          .summary = fmt::format("{} states {} against our figures for {}; look into it until {}",
                                 name_for_people(discrepancy),
                                 describe(discrepancy),
                                 days_of(discrepancy),
                                 base::format_date(discrepancy.due_date)),
          .evidence = json::serialize(evidence)};
}

std::vector<alerts::Occurrence> overdue_occurrences(std::span<const Discrepancy> discrepancies, base::Timestamp now) {
  std::vector<alerts::Occurrence> occurrences;
  for (const Discrepancy& discrepancy : discrepancies) {
    if (!is_overdue(discrepancy, now)) {
      continue;
    }
    json::object evidence = figures_of(discrepancy);
    evidence["owner"] = discrepancy.owner;
    occurrences.push_back({.dedupe_key = alert_key_of(discrepancy),
                           .severity = alerts::Severity::kCritical,
                           .subject = discrepancy.subject,
                           .summary = fmt::format("the discrepancy with {} of {} for {} was due on {} and {}",
                                                  name_for_people(discrepancy),
                                                  describe(discrepancy),
                                                  days_of(discrepancy),
                                                  base::format_date(discrepancy.due_date),
                                                  discrepancy.owner.empty() ? std::string("has no owner")
                                                                            : "is " + discrepancy.owner + "'s"),
                           .evidence = json::serialize(evidence)});
  }
  return occurrences;
}

}  // namespace tallystick::reconcile
