#include "reconcile/run_service.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "reconcile/json.h"
#include "reconcile/store.h"

namespace tallystick::reconcile {
namespace {

namespace json = boost::json;

constexpr int kCompleteAttempts = 3;
constexpr std::int64_t kRemovedAtOnce = 20'000;

std::unexpected<base::Error> fail_run_not_found() {
  return base::fail(base::ErrorKind::kNotFound, "run_not_found", "there is no such reconciliation");
}

std::unexpected<base::Error> fail_abandoned() {
  return base::fail(base::ErrorKind::kUnavailable,
                    "run_abandoned",
                    "the run stood still for so long that what it had written was removed; run it again");
}

base::Result<void> check_request(const RunRequest& request) {
  if (request.subject.empty()) {
    return base::fail(base::ErrorKind::kInvalid, "no_subject", "a run needs a subject");
  }
  if (request.to < request.from) {
    return base::fail(base::ErrorKind::kInvalid, "bad_period", "the last day is before the first");
  }
  boost::system::error_code error;
  if (const json::value sources = json::parse(request.sources, error); error || !sources.is_object()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_sources", "the sources are a JSON object");
  }
  TALLY_TRY(base::TimeZone::find(request.our_time_zone));
  TALLY_TRY(base::TimeZone::find(request.their_time_zone));
  return {};
}

base::Result<Period> make_period(const RunRequest& request) {
  TALLY_ASSIGN(const base::TimeZone our_zone, base::TimeZone::find(request.our_time_zone));
  TALLY_ASSIGN(const base::TimeZone their_zone, base::TimeZone::find(request.their_time_zone));
  return Period{our_zone.start_of(request.from),
                our_zone.start_of(request.to + 1),
                their_zone.start_of(request.from),
                their_zone.start_of(request.to + 1)};
}

base::Result<void> expect_going_on(const RunProgress& progress) {
  if (progress.is_cancelled && progress.is_cancelled()) {
    return base::fail(base::ErrorKind::kUnavailable, "cancelled", "the reconciliation was cancelled; nothing is kept");
  }
  return {};
}

void report(const RunProgress& progress, std::int64_t done, std::int64_t total, std::string_view note) {
  if (progress.report) {
    progress.report(done, total, note);
  }
}

// The run of the same subject and days that was newest until now.
base::Uuid find_previous(soci::session& session, const RunRequest& request) {
  const auto runs =
      load_runs(session, {.subject = request.subject, .exact_days = std::pair(request.from, request.to)}, "", 1);
  return runs.empty() ? base::Uuid{} : runs.front().id;
}

}  // namespace

base::Result<Run> RunService::run(const RunRequest& request, const Sides& sides, const RunProgress& progress) {
  const base::Timestamp started_at = clock_.now();
  TALLY_TRY(check_request(request));
  TALLY_ASSIGN(const Period period, make_period(request));
  report(progress,
         0,
         std::ssize(sides.claims) + std::ssize(sides.truths),
         fmt::format("matching {} claims with {} records of ours", sides.claims.size(), sides.truths.size()));
  TALLY_ASSIGN(const Matching matching, match(sides.claims, sides.truths, {}));
  TALLY_TRY(expect_going_on(progress));
  TALLY_ASSIGN(const Outcome outcome,
               explain(sides.claims,
                       sides.truths,
                       matching,
                       {.period = period, .tolerance_basis_points = request.tolerance_basis_points}));
  return keep_since(started_at, request, sides, matching, outcome, progress);
}

base::Result<Run> RunService::keep(const RunRequest& request,
                                   const Sides& sides,
                                   const Matching& matching,
                                   const Outcome& outcome,
                                   const RunProgress& progress) {
  return keep_since(clock_.now(), request, sides, matching, outcome, progress);
}

base::Result<Run> RunService::keep_since(base::Timestamp started_at,
                                         const RunRequest& request,
                                         const Sides& sides,
                                         const Matching& matching,
                                         const Outcome& outcome,
                                         const RunProgress& progress) {
  TALLY_TRY(check_request(request));
  TALLY_TRY(remove_leftovers());
  Run run;
  run.started_at = started_at;
  run.id = base::make_uuid_v7(clock_.now(), random_);
  run.request = request;
  run.clicks = sides.clicks;
  run.findings = outcome.findings;
  run.claims = std::ssize(sides.claims);
  run.truths = std::ssize(sides.truths);
  run.items = std::ssize(outcome.items);
  TALLY_ASSIGN(const std::int64_t number, begin(run));
  if (const auto written = write_items(number, sides, matching, outcome, progress); !written) {
    (void)remove(number);  // what stays is a leftover like any other
    return std::unexpected(written.error());
  }
  base::Result<Run> completed = complete(number, run);
  // Another run of the subject opened the same discrepancy just now: this one is then noted on it.
  for (int attempt = 1;
       attempt < kCompleteAttempts && !completed && completed.error().kind == base::ErrorKind::kConflict;
       ++attempt) {
    completed = complete(number, run);
  }
  if (!completed) {
    (void)remove(number);
    return completed;
  }
  (void)discrepancies_.settle_alerts();  // the run stands; what fails now is done by the next or the hourly check
  return completed;
}

base::Result<std::int64_t> RunService::begin(const Run& run) {
  return database_.write<std::int64_t>(
      [&](soci::session& session) -> base::Result<std::int64_t> { return begin_run(session, run, clock_.now()); });
}

base::Result<void> RunService::write_items(std::int64_t number,
                                           const Sides& sides,
                                           const Matching& matching,
                                           const Outcome& outcome,
                                           const RunProgress& progress) {
  const std::int64_t total = std::ssize(outcome.items);
  std::vector<ItemRecord> portion;
  portion.reserve(static_cast<std::size_t>(std::min(total, kItemsPerPortion)));
  for (std::int64_t done = 0; done < total;) {
    report(progress, done, total, "keeping the outcome");
    TALLY_TRY(expect_going_on(progress));
    // Made before the transaction: meanwhile others may write.
    const std::int64_t end = std::min(done + kItemsPerPortion, total);
    portion.clear();
    for (std::int64_t position = done; position < end; ++position) {
      portion.push_back(
          make_item_record(outcome.items[static_cast<std::size_t>(position)], number, position, sides, matching));
    }
    TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
      if (!touch_run(session, number, clock_.now())) {
        return fail_abandoned();
      }
      insert_items(session, database_.backend(), portion);
      return true;
    }));
    done = end;
  }
  report(progress, total, total, "keeping the outcome");
  return expect_going_on(progress);
}

base::Result<Run> RunService::complete(std::int64_t number, Run run) {
  return database_.write<Run>([&](soci::session& session) -> base::Result<Run> {
    run.previous_run_id = find_previous(session, run.request);
    run.finished_at = clock_.now();
    if (!complete_run(session, number, run)) {
      return fail_abandoned();
    }
    TALLY_TRY(discrepancies_.record_run(session, run));
    TALLY_TRY(audit_.append(session,
                            {.action = "reconciliation.run",
                             .subject = "reconciliation:" + base::format_uuid(run.id),
                             .before = {},
                             .after = json::serialize(to_json(run))},
                            {run.request.actor, "", ""}));
    return run;
  });
}

base::Result<Run> RunService::get(const base::Uuid& id) {
  return database_.read<Run>([&](soci::session& session) -> base::Result<Run> {
    auto found = find_run(session, id);
    if (!found) {
      return fail_run_not_found();
    }
    return std::move(found->run);
  });
}

base::Result<std::vector<Run>> RunService::list(std::string_view subject,
                                                std::string_view before_id,
                                                std::int64_t max_runs) {
  return list(RunFilter{.subject = std::string(subject)}, before_id, max_runs);
}

base::Result<std::vector<Run>> RunService::list(const RunFilter& filter,
                                                std::string_view before_id,
                                                std::int64_t max_runs) {
  return database_.read<std::vector<Run>>([&](soci::session& session) -> base::Result<std::vector<Run>> {
    return load_runs(session, filter, before_id, max_runs);
  });
}

base::Result<std::optional<Run>> RunService::find_latest(std::string_view subject, base::Date from, base::Date to) {
  TALLY_ASSIGN(std::vector<Run> runs,
               list(RunFilter{.subject = std::string(subject), .exact_days = std::pair(from, to)}, "", 1));
  return runs.empty() ? std::nullopt : std::optional(std::move(runs.front()));
}

base::Result<std::vector<ItemRecord>> RunService::list_items(const base::Uuid& run_id,
                                                             const ItemFilter& filter,
                                                             std::int64_t after_position,
                                                             std::int64_t max_items) {
  using Items = std::vector<ItemRecord>;
  return database_.read<Items>([&](soci::session& session) -> base::Result<Items> {
    const auto found = find_run(session, run_id);
    if (!found) {
      return fail_run_not_found();
    }
    return load_items(session, found->number, filter, after_position, max_items);
  });
}

base::Result<std::vector<ItemTotal>> RunService::total_items(const base::Uuid& run_id) {
  using Totals = std::vector<ItemTotal>;
  return database_.read<Totals>([&](soci::session& session) -> base::Result<Totals> {
    const auto found = find_run(session, run_id);
    if (!found) {
      return fail_run_not_found();
    }
    return load_item_totals(session, found->number);
  });
}

base::Result<std::int64_t> RunService::remove_leftovers() {
  using Numbers = std::vector<std::int64_t>;
  TALLY_ASSIGN(const Numbers numbers, database_.write<Numbers>([&](soci::session& session) -> base::Result<Numbers> {
    return abandon_runs(session, clock_.now() - kAbandonedAfterUs);
  }));
  for (const std::int64_t number : numbers) {
    TALLY_TRY(remove(number));
  }
  return std::ssize(numbers);
}

base::Result<void> RunService::remove(std::int64_t number) {
  TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    abandon_run(session, number);
    return true;
  }));
  for (std::int64_t removed = kRemovedAtOnce; removed == kRemovedAtOnce;) {
    TALLY_ASSIGN(removed, database_.write<std::int64_t>([&](soci::session& session) -> base::Result<std::int64_t> {
      return remove_items(session, number, kRemovedAtOnce);
    }));
  }
  TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    remove_run(session, number);
    return true;
  }));
  return {};
}

}  // namespace tallystick::reconcile
