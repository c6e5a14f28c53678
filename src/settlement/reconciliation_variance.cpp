#include "settlement/reconciliation_variance.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "settlement/reconciliation_service.h"

namespace tallystick::settlement {
namespace {

constexpr std::int64_t kMaxRunsOfPartner = 500;  // a year of nights

// Exact: fractions are compared by their products.
bool is_less(const reconcile::Finding& a, const reconcile::Finding& b) {
  __extension__ using Wide = __int128;
  return static_cast<Wide>(a.variance.numerator) * b.variance.denominator <
         static_cast<Wide>(b.variance.numerator) * a.variance.denominator;
}

}  // namespace

const reconcile::Run* choose_run(std::span<const reconcile::Run> runs, const Days& days) {
  const auto covering = std::ranges::find_if(
      runs, [&](const reconcile::Run& run) { return run.request.from <= days.from && run.request.to >= days.to; });
  if (covering != runs.end()) {
    return &*covering;
  }
  const Days month = month_of(days.to);
  const auto of_month = std::ranges::find_if(
      runs, [&](const reconcile::Run& run) { return run.request.from == month.from && run.request.to <= month.to; });
  return of_month == runs.end() ? nullptr : &*of_month;
}

std::optional<KnownVariance> variance_of(const reconcile::Run& run) {
  const auto greatest = std::ranges::max_element(run.findings, is_less);
  if (greatest == run.findings.end()) {
    return std::nullopt;
  }
  return KnownVariance{greatest->variance.percent(),
                       fmt::format("run {} of {} to {}, {}",
                                   base::format_uuid(run.id),
                                   base::format_date(run.request.from),
                                   base::format_date(run.request.to),
                                   greatest->currency.text())};
}

base::Result<std::optional<KnownVariance>> load_variance(reconcile::RunService& runs,
                                                         const base::Uuid& partner_id,
                                                         const Days& days) {
  TALLY_ASSIGN(const std::vector<reconcile::Run> all, runs.list(subject_of(partner_id), "", kMaxRunsOfPartner));
  const reconcile::Run* const run = choose_run(all, days);
  return run == nullptr ? std::nullopt : variance_of(*run);
}

}  // namespace tallystick::settlement
