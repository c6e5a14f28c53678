#include "insights/rate_figures.h"

#include <fmt/format.h>

#include "insights/names.h"
#include "insights/quotient.h"
#include "insights/sources.h"

namespace tallystick::insights {
namespace {

constexpr std::string_view kNoId = "toUUID('00000000-0000-0000-0000-000000000000')";

class Collector {
 public:
  explicit Collector(SubjectFigures& subjects) : subjects_(subjects) {}

  void add_counts(const warehouse::Rows& rows, std::string_view kind, std::int64_t RateFigures::*member) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      subjects_[{std::string(kind), std::string(rows.text(i, "id"))}].*member += rows.integer(i, "figure");
    }
  }

  // id, currency_code, parts (of a conversion), revenue_minor
  void add_revenue(const warehouse::Rows& rows, std::string_view kind) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string_view currency = rows.text(i, "currency_code");
      if (currency.empty()) {
        continue;  // a conversion without an amount has no part in RPM
      }
      RevenueFigures& figures =
          subjects_[{std::string(kind), std::string(rows.text(i, "id"))}].by_currency[std::string(currency)];
      figures.conversions += rows.integer(i, "parts") / kPartsPerConversion;
      figures.revenue_minor += rows.integer(i, "revenue_minor");
    }
  }

  void name(const warehouse::Rows& rows, std::string_view kind) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto found = subjects_.find({std::string(kind), std::string(rows.text(i, "id"))});
      if (found != subjects_.end()) {
        found->second.slug = rows.text(i, "slug");
      }
    }
  }

 private:
  SubjectFigures& subjects_;
};

base::Result<void> load_partners(Reader& reader, Collector& collector) {
  TALLY_ASSIGN(
      const auto impressions,
      reader.query("SELECT partner_id AS id, sum(h.impressions) AS figure FROM " +
                   placement_hours(reader.coverage(), "1") + " AS h WHERE class <= {max_class:Int8} GROUP BY id"));
  collector.add_counts(impressions, "partner", &RateFigures::impressions);
  TALLY_ASSIGN(const auto clicks,
               reader.query("SELECT partner_id AS id, sum(h.clicks) AS figure FROM " +
                            click_hours(reader.coverage(), "1") + " AS h WHERE class <= {max_class:Int8} GROUP BY id"));
  collector.add_counts(clicks, "partner", &RateFigures::clicks);
  // A conversion without a partner of its own has its click's.
  TALLY_ASSIGN(
      const auto revenue,
      reader.query(fmt::format(
          "SELECT if(c.partner != {0}, c.partner, k.partner_id) AS id, c.currency_code AS currency_code, "
          "toInt64(count()) * {1} AS parts, toInt64(sum(c.revenue_minor)) AS revenue_minor FROM {2} AS c LEFT ANY JOIN "
          "(SELECT event_id, partner_id FROM clicks WHERE event_id IN (SELECT click_id FROM conversions WHERE "
          "partner_id = {0} AND occurred_at >= {{from:DateTime64(6, 'UTC')}} AND occurred_at < {{to:DateTime64(6, "
          "'UTC')}})) AS k ON c.click = k.event_id WHERE c.is_counted GROUP BY id, currency_code",
          kNoId,
          kPartsPerConversion,
          conversions(reader.conversion_verdicts(), "1"))));
  collector.add_revenue(revenue, "partner");
  TALLY_ASSIGN(const auto names, reader.query("SELECT id, slug FROM partners FINAL"));
  collector.name(names, "partner");
  return {};
}

base::Result<void> load_placements(Reader& reader, Collector& collector) {
  TALLY_ASSIGN(
      const auto impressions,
      reader.query("SELECT placement_id AS id, sum(h.impressions) AS figure FROM " +
                   placement_hours(reader.coverage(), "1") + " AS h WHERE class <= {max_class:Int8} GROUP BY id"));
  collector.add_counts(impressions, "placement", &RateFigures::impressions);
  TALLY_ASSIGN(const auto clicks,
               reader.query("SELECT placement_id AS id, sum(toInt64(clicks)) AS figure FROM " +
                            click_attributions(reader.passes(), "1") + " WHERE class <= {max_class:Int8} GROUP BY id"));
  collector.add_counts(clicks, "placement", &RateFigures::clicks);
  TALLY_ASSIGN(const auto revenue,
               reader.query(fmt::format(
                   "SELECT s.placement_id AS id, c.currency_code AS currency_code, toInt64(sum({0})) AS parts, "
                   "toInt64(sum({1})) AS revenue_minor FROM {2} AS c LEFT JOIN {3} AS s ON c.conversion_key = "
                   "s.conversion_key WHERE c.is_counted GROUP BY id, currency_code",
                   part_of(fmt::format("{}", kPartsPerConversion)),
                   part_of("c.revenue_minor"),
                   conversions(reader.conversion_verdicts(), "1"),
                   conversion_shares(reader.passes(), "1"))));
  collector.add_revenue(revenue, "placement");
  TALLY_ASSIGN(const auto names, reader.query("SELECT id, slug FROM placements FINAL"));
  collector.name(names, "placement");
  return {};
}

}  // namespace

base::Result<RateReading> load_rate_figures(Reader& reader) {
  RateReading reading;
  // Freshness first: what is loaded meanwhile makes the figures newer than it says.
  const Freshness freshness = reader.freshness();
  reading.lag_seconds = freshness.lag_seconds;
  Collector collector(reading.subjects);
  TALLY_TRY(load_partners(reader, collector));
  TALLY_TRY(load_placements(reader, collector));
  std::erase_if(reading.subjects, [](const auto& entry) { return entry.first.second == kNilId; });
  return reading;
}

}  // namespace tallystick::insights
