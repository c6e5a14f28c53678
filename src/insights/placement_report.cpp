#include "insights/placement_report.h"

#include <array>

#include <fmt/format.h>

#include "insights/quotient.h"
#include "insights/sources.h"

namespace tallystick::insights {
namespace {

constexpr std::size_t kHours = 24;

Section make_top(const PlacementAnswers& answers, std::int64_t all) {
  Section section{"top_merchants",
                  "Top merchants",
                  {{"position", "#", ColumnKind::kInteger},
                   {"merchant_id", "Id"},
                   {"merchant", "Merchant"},
                   {"merchant_name", "Name"},
                   {"impressions", "Impressions", ColumnKind::kInteger},
                   {"impression_share_pct", "Share %", ColumnKind::kDecimal}},
                  {},
                  false};
  for (std::size_t i = 0; i < answers.top.size(); ++i) {
    const std::int64_t impressions = answers.top.integer(i, "impressions");
    section.add({static_cast<std::int64_t>(i + 1),
                 std::string(answers.top.text(i, "merchant_id")),
                 text_or_null(answers.top.text(i, "slug")),
                 text_or_null(answers.top.text(i, "name")),
                 impressions,
                 cell_of(percent(impressions, all))});
  }
  return section;
}

Section make_concentration(const PlacementAnswers& answers, std::int64_t all) {
  const auto first = [&](std::size_t count) {
    std::int64_t impressions = 0;
    for (std::size_t i = 0; i < answers.top.size() && i < count; ++i) {
      impressions += answers.top.integer(i, "impressions");
    }
    return impressions;
  };
  Section section{"concentration",
                  "Concentration",
                  {{"merchants", "Merchants", ColumnKind::kInteger},
                   {"impressions", "Impressions with a merchant", ColumnKind::kInteger},
                   {"top_3_impressions", "Top 3", ColumnKind::kInteger},
                   {"top_3_pct", "Top 3 %", ColumnKind::kDecimal},
                   {"top_5_impressions", "Top 5", ColumnKind::kInteger},
                   {"top_5_pct", "Top 5 %", ColumnKind::kDecimal}},
                  {},
                  true};
  section.add({answers.shown.empty() ? std::int64_t{0} : answers.shown.integer(0, "merchants"),
               all,
               first(3),
               cell_of(percent(first(3), all)),
               first(5),
               cell_of(percent(first(5), all))});
  return section;
}

Section make_totals(const warehouse::Rows& totals, Basis basis) {
  Section section{"totals",
                  "Totals",
                  {{"impressions", "Impressions", ColumnKind::kInteger},
                   {"gross_impressions", "Gross", ColumnKind::kInteger},
                   {"givt_impressions", "GIVT", ColumnKind::kInteger},
                   {"sivt_impressions", "SIVT", ColumnKind::kInteger},
                   {"net_impressions", "Net", ColumnKind::kInteger},
                   {"viewable_impressions", "Viewable", ColumnKind::kInteger}},
                  {},
                  true};
  const auto value = [&](std::string_view column) {
    return totals.empty() ? std::int64_t{0} : totals.integer(0, column);
  };
  section.add({value(basis == Basis::kNet ? "net" : "gross"),
               value("gross"),
               value("givt"),
               value("sivt"),
               value("net"),
               value("viewable")});
  return section;
}

Section make_hours(const warehouse::Rows& rows) {
  std::array<std::int64_t, kHours> impressions{};
  std::int64_t all = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    impressions.at(static_cast<std::size_t>(rows.integer(i, "hour"))) += rows.integer(i, "impressions");
    all += rows.integer(i, "impressions");
  }
  Section section{"hours_of_day",
                  "Hours of the day",
                  {{"hour", "Hour", ColumnKind::kInteger},
                   {"impressions", "Impressions", ColumnKind::kInteger},
                   {"impression_share_pct", "Share %", ColumnKind::kDecimal}},
                  {},
                  false};
  for (std::size_t hour = 0; hour < kHours; ++hour) {
    section.add({static_cast<std::int64_t>(hour), impressions.at(hour), cell_of(percent(impressions.at(hour), all))});
  }
  return section;
}

}  // namespace

Report make_placement_report(const PlacementAnswers& answers, Basis basis) {
  const std::int64_t all = answers.shown.empty() ? 0 : answers.shown.integer(0, "impressions");
  Report report{"placement", "Placement", subject_of("placement", answers.placement), {}, {}, std::nullopt, false};
  report.sections.push_back(make_top(answers, all));
  report.sections.push_back(make_concentration(answers, all));
  report.sections.push_back(make_hours(answers.hours));
  report.sections.push_back(make_totals(answers.totals, basis));
  return report;
}

base::Result<Report> load_placement_report(Reader& reader, std::string_view slug_or_id) {
  PlacementAnswers answers;
  TALLY_ASSIGN(answers.placement, find_placement(reader, slug_or_id));
  const warehouse::Parameters parameters = {{"placement", answers.placement.id}};
  constexpr std::string_view kFilter = "placement_id = {placement:UUID}";
  const std::string by_merchant = "(SELECT merchant_id, sum(impressions) AS shown FROM " +
                                  exposure_days(reader.coverage(), kFilter) +
                                  " WHERE class <= {max_class:Int8} GROUP BY merchant_id HAVING shown > 0)";
  auto top = reader.start(fmt::format("SELECT t.merchant_id AS merchant_id, m.slug AS slug, m.name AS name, t.shown AS "
                                      "impressions FROM (SELECT * FROM {} AS b ORDER BY shown DESC, merchant_id LIMIT "
                                      "{}) AS t LEFT ANY JOIN (SELECT id, slug, name FROM merchants FINAL) AS m ON "
                                      "t.merchant_id = m.id ORDER BY impressions DESC, merchant_id",
                                      by_merchant,
                                      kTopMerchants),
                          parameters);
  auto shown =
      reader.start("SELECT toInt64(count()) AS merchants, sum(shown) AS impressions FROM " + by_merchant, parameters);
  auto totals = reader.start(
      "SELECT sum(impressions) AS gross, sumIf(impressions, class = 2) AS givt, "
      "sumIf(impressions, class = 3) AS sivt, sumIf(impressions, class < 2) AS net, sumIf(h.viewable, "
      "class <= {max_class:Int8}) AS viewable FROM " +
          placement_hours(reader.coverage(), kFilter) + " AS h",
      parameters);
  TALLY_ASSIGN(answers.hours,
               reader.query("SELECT toHour(at, {zone:String}) AS hour, sum(impressions) AS impressions FROM "
                            "(SELECT at, impressions FROM " +
                                placement_hours(reader.coverage(), kFilter, Grouping::kLocalTime) +
                                " WHERE class <= {max_class:Int8}) AS h GROUP BY hour",
                            parameters));
  TALLY_ASSIGN(answers.top, top.get());
  TALLY_ASSIGN(answers.shown, shown.get());
  TALLY_ASSIGN(answers.totals, totals.get());
  return make_placement_report(answers, reader.question().basis);
}

}  // namespace tallystick::insights
