#include "settlement/reconciliation_service.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/time_zone.h"
#include "settlement/postback_match.h"
#include "settlement/reconciliation_sources.h"

namespace tallystick::settlement {
namespace {

constexpr std::int64_t kMaxRunsLookedAt = 500;
// Of the progress: loading comes first, matching and keeping are RunService's.
constexpr std::int64_t kLoadShare = 1'000;

using ClickIds = std::unordered_set<base::Uuid, base::UuidHash>;

ClickIds clicks_of(const TruthSide& truth) {
  ClickIds out;
  out.reserve(truth.truths.size());
  for (const reconcile::Truth& one : truth.truths) {
    if (!one.click_id.is_nil()) {
      out.insert(one.click_id);
    }
  }
  return out;
}

// In a fixed order, each once.
std::vector<base::Uuid> clicks_to_find(const ClaimSide& claims, const ClickIds& known) {
  std::vector<base::Uuid> out;
  for (const reconcile::Claim& claim : claims.claims) {
    if (!claim.click_id.is_nil() && !known.contains(claim.click_id)) {
      out.push_back(claim.click_id);
    }
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

// What looks like a click id and is none of ours.
void forget_foreign_clicks(ClaimSide& claims, const ClickIds& known) {
  for (reconcile::Claim& claim : claims.claims) {
    if (!claim.click_id.is_nil() && !known.contains(claim.click_id)) {
      claim.click_id = {};
    }
  }
}

}  // namespace

std::string subject_of(const base::Uuid& partner_id) {
  return "partner:" + base::format_uuid(partner_id);
}

base::Result<std::optional<reconcile::Run>> ReconciliationService::find_answer(const Order& order,
                                                                               const PartnerTerms& terms) {
  using Found = std::optional<reconcile::Run>;
  TALLY_ASSIGN(Found latest, rooms_.runs.find_latest(subject_of(terms.id), order.days.from, order.days.to));
  const auto sources = latest ? parse_sources(latest->request.sources) : std::nullopt;
  if (!sources) {
    return Found();
  }
  const bool is_mine = !order.job_id.empty() && sources->job_id == order.job_id;
  const bool is_newer = order.asked_at.us > 0 && sources->claims_at > order.asked_at;
  const bool has_import =
      !order.import_id.is_nil() && std::ranges::find(sources->imports, order.import_id) != sources->imports.end();
  return is_mine || is_newer || has_import ? std::move(latest) : Found();
}

base::Result<reconcile::Run> ReconciliationService::run(const Order& order, const reconcile::RunProgress& progress) {
  if (rooms_.warehouse == nullptr) {
    return base::fail(base::ErrorKind::kUnavailable,
                      "warehouse_off",
                      "what happened is read from the warehouse, which is off here: set warehouse.enabled and "
                      "engine.enabled, or name a ClickHouse server with warehouse.url");
  }
  TALLY_ASSIGN(const PartnerTerms terms, rooms_.partners.find(order.partner));
  TALLY_ASSIGN(std::optional<reconcile::Run> answer, find_answer(order, terms));
  if (answer) {
    return *std::move(answer);
  }
  return make_run(order, terms, progress);
}

base::Result<reconcile::Run> ReconciliationService::make_run(const Order& order,
                                                             const PartnerTerms& terms,
                                                             const reconcile::RunProgress& progress) {
  TALLY_ASSIGN(const base::TimeZone our_zone, base::TimeZone::find(options_.time_zone));
  TALLY_ASSIGN(const base::TimeZone their_zone, base::TimeZone::find(terms.time_zone));
  const Span ours = span_of(order.days, our_zone);
  const Span theirs = span_of(order.days, their_zone);

  progress.report(0, kLoadShare, "waiting for the warehouse");
  TALLY_ASSIGN(const TruthPosition position,
               load_truth_position(*rooms_.warehouse,
                                   {.durable = rooms_.durable,
                                    .loaded = rooms_.loaded,
                                    .pause = rooms_.pause,
                                    .is_cancelled = progress.is_cancelled,
                                    .limit_us = options_.warehouse_wait_us},
                                   rooms_.clock));

  RunSources sources{order.job_id, rooms_.clock.now(), options_.margin_days};
  progress.report(0, kLoadShare, "reading the partner's rows");
  TALLY_ASSIGN(ClaimSide claims, load_claims(rooms_.database, terms.id, theirs, widen(theirs, options_.margin_days)));

  TruthLoader loader(rooms_.warehouse->client(), position, terms.id, terms.currency, options_.limits);
  TALLY_ASSIGN(TruthSide truth,
               loader.load_conversions(
                   widen(ours, options_.margin_days),
                   [&](std::int64_t done, std::int64_t total) {
                     progress.report(done * kLoadShare / total, kLoadShare, "reading our conversions");
                   },
                   progress.is_cancelled));
  TALLY_TRY(loader.add_clicks(clicks_to_find(claims, clicks_of(truth)), truth, progress.is_cancelled));
  forget_foreign_clicks(claims, clicks_of(truth));
  join_transactions(claims.claims, claims.transactions, truth.truths, truth.transactions);

  reconcile::Sides sides;
  TALLY_ASSIGN(sides.clicks, loader.load_click_figures(ours));
  sides.clicks.theirs = claims.stated_clicks;

  reconcile::RunRequest request;
  request.subject = subject_of(terms.id);
  request.subject_name = terms.name;
  request.from = order.days.from;
  request.to = order.days.to;
  request.our_time_zone = options_.time_zone;
  request.their_time_zone = terms.time_zone;
  request.tolerance_basis_points = terms.tolerance_basis_points;
  request.sources = make_sources(sources, position, claims, truth);
  request.actor = order.actor;
  sides.claims = std::move(claims.claims);
  sides.truths = std::move(truth.truths);
  return rooms_.runs.run(request, sides, progress);
}

base::Result<std::optional<reconcile::Run>> ReconciliationService::find_run(const base::Uuid& partner_id,
                                                                            const Days& days) {
  using Found = std::optional<reconcile::Run>;
  TALLY_ASSIGN(Found exact, rooms_.runs.find_latest(subject_of(partner_id), days.from, days.to));
  if (exact || days != month_of(days.from)) {
    return exact;
  }
  TALLY_ASSIGN(std::vector<reconcile::Run> runs, rooms_.runs.list(subject_of(partner_id), "", kMaxRunsLookedAt));
  for (reconcile::Run& run : runs) {
    if (run.request.from == days.from && run.request.to <= days.to) {
      return Found(std::move(run));
    }
  }
  return Found();
}

}  // namespace tallystick::settlement
