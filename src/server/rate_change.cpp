#include "server/rate_change.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/money.h"
#include "insights/quotient.h"

namespace tallystick::server {
namespace {

namespace json = boost::json;

// Holds a thousand times the product of two counts below 2^58.
__extension__ using Wide = __int128;

constexpr Wide kMaxPerMille = 1'000'000;

struct ComparedRate {
  std::string name;      // "ctr", "rpm.EUR"
  std::string currency;  // of RPM
  RateSample now;
  RateSample mean;
};

std::string shown_rate(const ComparedRate& rate, const RateSample& sample) {
  if (rate.currency.empty()) {
    return insights::percent(sample.amount, sample.impressions).value_or("0") + " %";
  }
  const auto currency = base::parse_currency(rate.currency);
  const auto per_mille =
      currency ? insights::money_per({sample.amount, *currency}, sample.impressions, 1'000) : std::nullopt;
  return per_mille.value_or("0") + " " + rate.currency;
}

alerts::Occurrence occurrence_of(const std::string& kind,
                                 const std::string& id,
                                 const std::string& slug,
                                 const ComparedRate& rate,
                                 const RateChange& change) {
  const std::string label = rate.currency.empty() ? "CTR" : "RPM";
  alerts::Occurrence occurrence;
  occurrence.dedupe_key = fmt::format("rates:{}:{}:{}", rate.name, kind, id);
  occurrence.severity = alerts::Severity::kWarning;
  occurrence.subject = fmt::format("{}:{}", kind, id);
  occurrence.summary = fmt::format(
      "{} of {} {} was {} in the last 24 hours, {}.{} % {} its mean of {} over the 7 days "
      "before; see whether traffic, links or rules changed",
      label,
      kind,
      slug.empty() ? id : slug,
      shown_rate(rate, rate.now),
      std::abs(change.per_mille) / 10,
      std::abs(change.per_mille) % 10,
      change.per_mille < 0 ? "below" : "above",
      shown_rate(rate, rate.mean));
  const auto sample = [](const RateSample& s) {
    return json::object{{"amount", s.amount}, {"events", s.events}, {"impressions", s.impressions}};
  };
  occurrence.evidence = json::serialize(json::object{{"rate", rate.name},
                                                     {"change_per_mille", change.per_mille},
                                                     {"last_24_hours", sample(rate.now)},
                                                     {"seven_days_before", sample(rate.mean)}});
  return occurrence;
}

std::vector<ComparedRate> rates_of(const insights::RateFigures& now, const insights::RateFigures& before) {
  std::vector<ComparedRate> rates;
  rates.push_back(
      {"ctr", "", {now.clicks, now.clicks, now.impressions}, {before.clicks, before.clicks, before.impressions}});
  std::set<std::string, std::less<>> currencies;
  for (const auto* figures : {&now, &before}) {
    for (const auto& [currency, revenue] : figures->by_currency) {
      currencies.insert(currency);
    }
  }
  const auto sample = [](const insights::RateFigures& figures, const std::string& currency) {
    const auto found = figures.by_currency.find(currency);
    const auto revenue = found == figures.by_currency.end() ? insights::RevenueFigures{} : found->second;
    return RateSample{revenue.revenue_minor, revenue.conversions, figures.impressions};
  };
  for (const std::string& currency : currencies) {
    rates.push_back({"rpm." + currency, currency, sample(now, currency), sample(before, currency)});
  }
  return rates;
}

}  // namespace

RateChange compare_rates(const RateSample& now, const RateSample& mean, const RateLimits& limits) {
  const bool has_volume = now.impressions >= std::max<std::int64_t>(limits.min_impressions, 1) &&
                          mean.impressions > 0 && mean.amount > 0 &&
                          Wide{mean.events} * now.impressions >= Wide{limits.min_events} * mean.impressions;
  if (!has_volume) {
    return {};
  }
  const Wide expected = Wide{mean.amount} * now.impressions;  // over mean.impressions, as the next is
  const Wide difference = Wide{now.amount} * mean.impressions - expected;
  const bool is_off = (difference < 0 ? -difference : difference) * 100 > expected * limits.max_change_percent;
  const Wide per_mille = std::clamp<Wide>(difference * 1'000 / expected, -kMaxPerMille, kMaxPerMille);
  return {is_off ? RateVerdict::kOff : RateVerdict::kSteady, static_cast<std::int64_t>(per_mille)};
}

RateFindings find_changed_rates(const insights::SubjectFigures& now,
                                const insights::SubjectFigures& before,
                                const RateLimits& limits) {
  RateFindings findings;
  for (const auto& [subject, mean] : before) {  // what has no mean has nothing to be off from
    const auto found = now.find(subject);
    const insights::RateFigures figures = found == now.end() ? insights::RateFigures{} : found->second;
    for (const ComparedRate& rate : rates_of(figures, mean)) {
      const RateChange change = compare_rates(rate.now, rate.mean, limits);
      ++(change.verdict == RateVerdict::kTooFew ? findings.too_few : findings.compared);
      if (change.verdict == RateVerdict::kOff) {
        findings.occurrences.push_back(occurrence_of(subject.first, subject.second, mean.slug, rate, change));
      }
    }
  }
  return findings;
}

}  // namespace tallystick::server
