#include "insights/partner_report.h"

#include <algorithm>
#include <map>
#include <vector>

#include "insights/quotient.h"
#include "insights/revenue.h"
#include "insights/sources.h"

namespace tallystick::insights {
namespace {

// What grouping(day, placement_id, link_id) says: a bit for each that a row is not about.
constexpr std::int64_t kByDay = 3;
constexpr std::int64_t kByPlacement = 5;
constexpr std::int64_t kByLink = 6;
constexpr std::string_view kGrouped = "grouping(day, placement_id, link_id) AS grouped";
constexpr std::string_view kGroupBy = " GROUP BY GROUPING SETS ((day), (placement_id), (link_id))";

struct Line {
  std::int64_t impressions = 0;
  std::int64_t clicks = 0;
  std::int64_t gross = 0, givt = 0, sivt = 0, net = 0;
  std::int64_t forwarded = 0, failed = 0;
  std::int64_t conversions = 0, reversed = 0;
  Revenue revenue;

  void add(const Line& other) {
    impressions += other.impressions;
    clicks += other.clicks;
    gross += other.gross;
    givt += other.givt;
    sivt += other.sivt;
    net += other.net;
    forwarded += other.forwarded;
    failed += other.failed;
    conversions += other.conversions;
    reversed += other.reversed;
    revenue.add(other.revenue);
  }
};

using Lines = std::map<std::string, Line, std::less<>>;

struct Breakdown {
  Lines by_day, by_placement, by_link;

  Line& line_of(const warehouse::Rows& rows, std::size_t row) {
    switch (rows.integer(row, "grouped")) {
      case kByDay:
        return by_day[std::string(rows.text(row, "day"))];
      case kByPlacement:
        return by_placement[std::string(rows.text(row, "placement_id"))];
      default:
        return by_link[std::string(rows.text(row, "link_id"))];
    }
  }
};

Breakdown make_breakdown(const PartnerAnswers& answers) {
  Breakdown breakdown;
  for (std::size_t i = 0; i < answers.impressions.size(); ++i) {
    breakdown.line_of(answers.impressions, i).impressions += answers.impressions.integer(i, "impressions");
  }
  for (std::size_t i = 0; i < answers.clicks.size(); ++i) {
    const warehouse::Rows& rows = answers.clicks;
    Line& line = breakdown.line_of(rows, i);
    line.clicks += rows.integer(i, "clicks");
    line.gross += rows.integer(i, "gross");
    line.givt += rows.integer(i, "givt");
    line.sivt += rows.integer(i, "sivt");
    line.net += rows.integer(i, "net");
    line.forwarded += rows.integer(i, "forwarded");
    line.failed += rows.integer(i, "failed");
  }
  for (std::size_t i = 0; i < answers.conversions.size(); ++i) {
    const warehouse::Rows& rows = answers.conversions;
    Line& line = breakdown.line_of(rows, i);
    line.conversions += rows.integer(i, "conversions");
    line.reversed += rows.integer(i, "reversed");
    line.revenue.add(rows.text(i, "currency_code"), rows.integer(i, "revenue_minor"));
  }
  return breakdown;
}

// Of links there are no impressions, hence no figures per impression.
void append_columns(std::vector<Column>& columns, bool has_impressions) {
  if (has_impressions) {
    columns.push_back({"impressions", "Impressions", ColumnKind::kInteger});
  }
  columns.insert(columns.end(),
                 {{"clicks", "Clicks", ColumnKind::kInteger},
                  {"gross_clicks", "Gross", ColumnKind::kInteger},
                  {"givt_clicks", "GIVT", ColumnKind::kInteger},
                  {"sivt_clicks", "SIVT", ColumnKind::kInteger},
                  {"net_clicks", "Net", ColumnKind::kInteger},
                  {"unconfirmed_clicks", "Unconfirmed", ColumnKind::kInteger},
                  {"failed_clicks", "Failed", ColumnKind::kInteger}});
  if (has_impressions) {
    columns.push_back({"ctr_pct", "CTR %", ColumnKind::kDecimal});
  }
  columns.insert(columns.end(),
                 {{"conversions", "Conversions", ColumnKind::kInteger},
                  {"reversed_conversions", "Reversed", ColumnKind::kInteger},
                  {"revenue", "Revenue", ColumnKind::kMoney}});
  if (has_impressions) {
    columns.push_back({"rpm", "RPM", ColumnKind::kRate});
  }
  columns.push_back({"epc", "EPC", ColumnKind::kRate});
}

void append_figures(Row& row, const Line& line, bool has_impressions) {
  if (has_impressions) {
    row.emplace_back(line.impressions);
  }
  row.insert(row.end(),
             {line.clicks,
              line.gross,
              line.givt,
              line.sivt,
              line.net,
              line.gross - line.forwarded - line.failed,
              line.failed});
  if (has_impressions) {
    row.push_back(cell_of(percent(line.clicks, line.impressions)));
  }
  row.insert(row.end(), {line.conversions, line.reversed, line.revenue.amounts()});
  if (has_impressions) {
    row.push_back(line.revenue.per(line.impressions, 1'000));
  }
  row.push_back(line.revenue.per(line.clicks, 1));
}

std::vector<const Lines::value_type*> most_clicks_first(const Lines& lines) {
  std::vector<const Lines::value_type*> order;
  for (const auto& entry : lines) {
    order.push_back(&entry);
  }
  std::ranges::stable_sort(order, [](const auto* a, const auto* b) {
    const bool is_a_none = a->first == kNilId;
    const bool is_b_none = b->first == kNilId;
    return is_a_none != is_b_none ? is_b_none : a->second.gross > b->second.gross;
  });
  return order;
}

Section make_days(Lines lines, const Period& period) {
  for (const base::Date day : days_of(period)) {
    lines[base::format_date(day)];
  }
  Section section{"by_day", "By day", {{"day", "Day"}}, {}, false};
  append_columns(section.columns, true);
  for (const auto& [day, line] : lines) {
    Row row = {day};
    append_figures(row, line, true);
    section.add(std::move(row));
  }
  return section;
}

Section make_placements(const Lines& lines, const PlacementNames& names) {
  Section section{"by_placement",
                  "By placement",
                  {{"placement_id", "Id"}, {"placement", "Placement"}, {"placement_name", "Name"}},
                  {},
                  false};
  append_columns(section.columns, true);
  for (const auto* entry : most_clicks_first(lines)) {
    Row row;
    add_placement_cells(row, entry->first, names, "(no placement)");
    append_figures(row, entry->second, true);
    section.add(std::move(row));
  }
  return section;
}

Section make_links(const Lines& lines, const warehouse::Rows& links) {
  std::map<std::string, std::string, std::less<>> slugs;
  for (std::size_t i = 0; i < links.size(); ++i) {
    slugs.emplace(links.text(i, "id"), links.text(i, "slug"));
  }
  Section section{"by_link", "By link", {{"link_id", "Id"}, {"link", "Link"}}, {}, false};
  append_columns(section.columns, false);
  for (const auto* entry : most_clicks_first(lines)) {
    const auto slug = slugs.find(entry->first);
    Row row = {entry->first == kNilId ? Cell() : Cell(entry->first), slug == slugs.end() ? Cell() : Cell(slug->second)};
    append_figures(row, entry->second, false);
    section.add(std::move(row));
  }
  return section;
}

Section make_totals(const Lines& days, const std::optional<PeriodVariance>& variance) {
  Line total;
  for (const auto& [day, line] : days) {
    total.add(line);
  }
  Section section{"totals", "Totals", {}, {}, true};
  append_columns(section.columns, true);
  section.columns.push_back({"variance_pct", "Variance %", ColumnKind::kDecimal});
  section.columns.push_back({"variance_reason", "Why", ColumnKind::kText});
  Row row;
  append_figures(row, total, true);
  if (variance) {
    row.insert(row.end(), {variance->percent, variance->reason});
  } else {
    row.insert(row.end(), {Cell(), std::string("no_reconciliation")});
  }
  section.add(std::move(row));
  return section;
}

std::string conversions_sql(Verdicts verdicts) {
  // A conversion without a partner of its own has its click's.
  constexpr std::string_view kMayBePartners =
      "partner_id IN ({partner:UUID}, toUUID('00000000-0000-0000-0000-000000000000'))";
  std::string sql = "SELECT day, placement_id, link_id, ";
  sql.append(kGrouped).append(
      ", currency_code, toInt64(count()) AS conversions, toInt64(countIf(is_reversed)) AS reversed, "
      "sum(revenue_minor) AS revenue_minor FROM (SELECT toDate(c.at, {zone:String}) AS day, k.placement_id AS "
      "placement_id, k.link_id AS link_id, c.currency_code AS currency_code, c.is_reversed AS is_reversed, "
      "c.revenue_minor AS revenue_minor FROM ");
  sql.append(conversions(verdicts, kMayBePartners))
      .append(
          " AS c LEFT ANY JOIN (SELECT event_id, link_id, placement_id FROM clicks WHERE partner_id = {partner:UUID} "
          "AND event_id IN (SELECT click_id FROM conversions WHERE ")
      .append(kMayBePartners)
      .append(
          ")) AS k ON c.click = k.event_id WHERE c.is_counted AND (c.partner = {partner:UUID} OR "
          "k.event_id != toUUID('00000000-0000-0000-0000-000000000000'))) GROUP BY GROUPING SETS ((day, "
          "currency_code), "
          "(placement_id, currency_code), (link_id, currency_code))");
  return sql;
}

base::Result<std::optional<PeriodVariance>> find_variance(VarianceSource* variances,
                                                          const Named& partner,
                                                          const Period& period) {
  if (variances == nullptr || period.range.is_empty()) {
    return std::nullopt;
  }
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(partner.id));
  return variances->find(id,
                         period.first_day.value_or(period.zone.day_of(period.range.from)),
                         period.last_day.value_or(period.zone.day_of(period.range.to - 1)));
}

}  // namespace

Report make_partner_report(const PartnerAnswers& answers, const Period& period) {
  const Breakdown breakdown = make_breakdown(answers);
  Report report{"partner_performance",
                "Partner performance",
                subject_of("partner", answers.partner),
                {},
                {},
                std::nullopt,
                false};
  report.sections.push_back(make_days(breakdown.by_day, period));
  report.sections.push_back(make_placements(breakdown.by_placement, answers.names));
  report.sections.push_back(make_links(breakdown.by_link, *answers.links));
  report.sections.push_back(make_totals(breakdown.by_day, answers.variance));
  report.notes = {
      "unconfirmed_clicks are those of which no record says that their redirect was handed over; whatever "
      "the verdict",
      "variance_pct is that of the reconciliation which variance_reason names; its days may be others than those of "
      "this report. It stays null until the partner's own report is reconciled"};
  return report;
}

base::Result<Report> load_partner_report(Reader& reader, std::string_view slug_or_id, VarianceSource* variances) {
  PartnerAnswers answers;
  TALLY_ASSIGN(answers.partner, find_partner(reader, slug_or_id));
  const warehouse::Parameters parameters = {{"partner", answers.partner.id}};
  constexpr std::string_view kFilter = "partner_id = {partner:UUID}";
  auto conversions = reader.start(conversions_sql(reader.conversion_verdicts()), parameters);
  // Impressions know no link: the lowest bit, which stands for it, is always set.
  std::string sql =
      "SELECT day, placement_id, toUUID('00000000-0000-0000-0000-000000000000') AS link_id, grouping(day, "
      "placement_id) * "
      "2 + 1 AS grouped, sum(shown) AS impressions FROM (SELECT toDate(at, {zone:String}) AS day, placement_id, "
      "impressions AS shown FROM ";
  sql.append(placement_hours(reader.coverage(), kFilter, Grouping::kLocalTime))
      .append(" WHERE class <= {max_class:Int8}) GROUP BY GROUPING SETS ((day), (placement_id))");
  auto impressions = reader.start(std::move(sql), parameters);
  sql = "SELECT day, placement_id, link_id, ";
  sql.append(kGrouped)
      .append(
          ", sumIf(c, class <= {max_class:Int8}) AS clicks, sum(c) AS gross, sumIf(c, class = 2) AS givt, sumIf(c, "
          "class "
          "= 3) AS sivt, sumIf(c, class < 2) AS net, sum(f) AS forwarded, sum(x) AS failed FROM (SELECT toDate(at, "
          "{zone:String}) AS day, placement_id, link_id, class, clicks AS c, forwarded AS f, failed AS x FROM ")
      .append(click_hours(reader.coverage(), kFilter, Grouping::kLocalTime))
      .append(")")
      .append(kGroupBy);
  TALLY_ASSIGN(answers.clicks, reader.query(sql, parameters));
  TALLY_ASSIGN(answers.names, load_placement_names(reader));
  TALLY_ASSIGN(answers.links,
               reader.query_recent("SELECT id, slug FROM links FINAL WHERE partner_id = {partner:UUID}", parameters));
  TALLY_ASSIGN(answers.impressions, impressions.get());
  TALLY_ASSIGN(answers.conversions, conversions.get());
  TALLY_ASSIGN(answers.variance, find_variance(variances, answers.partner, reader.question().period));
  return make_partner_report(answers, reader.question().period);
}

}  // namespace tallystick::insights
