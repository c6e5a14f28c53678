#include "insights/service.h"

#include <algorithm>
#include <utility>

#include "insights/frequency_report.h"
#include "insights/merchant_report.h"
#include "insights/partner_report.h"
#include "insights/performance_report.h"
#include "insights/placement_report.h"
#include "insights/placements_report.h"
#include "insights/reader.h"

namespace tallystick::insights {
namespace {

template <typename Load>
base::Result<Answer> answer(warehouse::Warehouse* warehouse,
                            RecentAnswers& recent,
                            const Question& question,
                            Load load) {
  TALLY_ASSIGN(Reader reader, Reader::open(warehouse, recent, question));
  Freshness freshness = reader.freshness();
  TALLY_ASSIGN(Report report, load(reader));
  return Answer{std::move(report), question, std::move(freshness)};
}

}  // namespace

base::Result<Period> InsightsService::make_period(const PeriodText& text) const {
  return parse_period(text, default_zone_, clock_.now());
}

base::Result<Answer> InsightsService::placements(const Question& question) {
  return answer(warehouse_, recent_, question, [](Reader& reader) { return load_placements_report(reader); });
}

base::Result<Answer> InsightsService::placement(const Question& question, std::string_view slug_or_id) {
  return answer(
      warehouse_, recent_, question, [&](Reader& reader) { return load_placement_report(reader, slug_or_id); });
}

base::Result<Answer> InsightsService::merchant(const Question& question, std::string_view slug_or_id) {
  return answer(
      warehouse_, recent_, question, [&](Reader& reader) { return load_merchant_report(reader, slug_or_id); });
}

base::Result<Answer> InsightsService::partner(const Question& question, std::string_view slug_or_id) {
  return answer(warehouse_, recent_, question, [&](Reader& reader) {
    return load_partner_report(reader, slug_or_id, variances_);
  });
}

base::Result<Answer> InsightsService::performance(const Question& question) {
  return answer(warehouse_, recent_, question, [](Reader& reader) { return load_performance_report(reader); });
}

base::Result<Answer> InsightsService::frequency(const Question& question,
                                                const std::string& merchant,
                                                const std::string& placement) {
  return answer(warehouse_, recent_, question, [&](Reader& reader) {
    return load_frequency_report(reader, merchant, placement);
  });
}

base::Result<Answer> InsightsService::events(const Question& question, const EventFilter& filter) {
  TALLY_ASSIGN(Reader reader, Reader::open(warehouse_, recent_, question));
  Freshness freshness = reader.freshness();
  base::Timestamp newest;
  for (const LogFreshness& log : freshness.logs) {
    newest = std::max(newest, log.received_at);
  }
  TALLY_ASSIGN(Report report, load_events_report(reader, filter, newest));
  return Answer{std::move(report), question, std::move(freshness)};
}

base::Result<RateReading> InsightsService::rate_figures(const Range& range) {
  TALLY_ASSIGN(base::TimeZone zone, base::TimeZone::find(default_zone_));
  const Question question{.period = {.zone = std::move(zone), .range = range}};
  TALLY_ASSIGN(Reader reader, Reader::open(warehouse_, recent_, question));
  return load_rate_figures(reader);
}

}  // namespace tallystick::insights
