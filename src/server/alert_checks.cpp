#include "server/alert_checks.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "alerts/delivery.h"
#include "capture/dead_letter_store.h"
#include "insights/period.h"
#include "server/rate_change.h"

namespace tallystick::server {
namespace {

namespace json = boost::json;
using alerts::CheckResult;

constexpr std::int64_t kMeanDays = 7;
constexpr double kMaxLagSeconds = 3'600;
constexpr std::int64_t kMaxDeadJobs = 500;

// CTR and RPM of every partner and placement over the last 24 whole hours, against the 7 days before them.
base::Result<CheckResult> check_rates(const AlertCheckRooms& rooms) {
  const std::int64_t now_us = rooms.clock.now().us;
  const base::Timestamp end{now_us - now_us % base::kMicrosPerHour};
  const base::Timestamp begin = end - base::kMicrosPerDay;
  auto reading = rooms.insights.rate_figures({begin, end});
  if (!reading && reading.error().code == "warehouse_off") {
    return CheckResult({}, "the warehouse is switched off");
  }
  TALLY_ASSIGN(const auto now, std::move(reading));
  if (now.lag_seconds.value_or(0) > kMaxLagSeconds) {
    return CheckResult({}, fmt::format("not compared: the warehouse is {:.0f} s behind the log", *now.lag_seconds));
  }
  TALLY_ASSIGN(const auto before, rooms.insights.rate_figures({begin - kMeanDays * base::kMicrosPerDay, begin}));
  const RateLimits limits{.min_impressions = rooms.config.integer("alerts.rate_min_impressions"),
                          .min_events = rooms.config.integer("alerts.rate_min_events"),
                          .max_change_percent = rooms.config.integer("alerts.rate_max_change_percent")};
  RateFindings found = find_changed_rates(now.subjects, before.subjects, limits);
  return CheckResult(
      std::move(found.occurrences),
      fmt::format("{} rates compared; of {} there are too few data ({} impressions and {} expected clicks or "
                  "conversions a day)",
                  found.compared,
                  found.too_few,
                  limits.min_impressions,
                  limits.min_events));
}

// Jobs that failed for good. Deliveries of alerts are not among them: what cannot be told must not be told of.
base::Result<CheckResult> check_dead_jobs(const AlertCheckRooms& rooms) {
  TALLY_ASSIGN(const auto dead, rooms.queue.list({.state = jobs::State::kDead}, "", kMaxDeadJobs));
  std::map<std::string, std::int64_t> by_kind;
  for (const jobs::Job& job : dead) {
    if (job.draft.kind != alerts::kDeliverJob) {
      ++by_kind[job.draft.kind];
    }
  }
  std::vector<alerts::Occurrence> occurrences;
  occurrences.reserve(by_kind.size());
  for (const auto& [kind, count] : by_kind) {
    occurrences.push_back(
        {.dedupe_key = "jobs.dead:" + kind,
         .severity = alerts::Severity::kWarning,
         .subject = "jobs",
         .summary = fmt::format("{} of kind {} failed for good: tallystick jobs list --state dead --kind {}",
                                count == 1 ? "a job" : fmt::format("{} jobs", count),
                                kind,
                                kind),
         .evidence = json::serialize(json::object{{"kind", kind}, {"dead", count}})});
  }
  return CheckResult(std::move(occurrences));
}

// Capture raises the same while new ones arrive; here it is seen, too, that they were looked after.
base::Result<CheckResult> check_dead_letters(const AlertCheckRooms& rooms) {
  TALLY_ASSIGN(const std::int64_t open,
               rooms.database.read<std::int64_t>([](soci::session& session) -> base::Result<std::int64_t> {
                 return capture::count_open_dead_letters(session);
               }));
  std::string remark = fmt::format("{} open", open);
  if (open <= rooms.config.integer("capture.dead_letter_alert_above")) {
    return CheckResult({}, std::move(remark));
  }
  return CheckResult({{.dedupe_key = "capture.dead_letters",
                       .severity = alerts::Severity::kWarning,
                       .subject = "dead letters",
                       .summary = fmt::format("{} refused events wait to be looked at", open),
                       .evidence = fmt::format("{{\"open\":{}}}", open)}},
                     std::move(remark));
}

}  // namespace

std::vector<alerts::Check> make_alert_checks(const AlertCheckRooms& rooms) {
  return {
      {.name = "rates",
       .run =
           [rooms] {
             return check_rates(rooms);
           }},
      {.name = "jobs.dead", .run = [rooms] { return check_dead_jobs(rooms); }, .resolves = true},
      {.name = "capture.dead_letters", .run = [rooms] { return check_dead_letters(rooms); }, .resolves = true},
  };
}

}  // namespace tallystick::server
