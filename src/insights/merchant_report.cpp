#include "insights/merchant_report.h"

#include <algorithm>
#include <map>
#include <vector>

#include "insights/quotient.h"
#include "insights/sources.h"

namespace tallystick::insights {
namespace {

struct Line {
  std::int64_t gross = 0, givt = 0, sivt = 0, net = 0;
  std::int64_t rank_sum = 0, rank_count = 0;
  std::int64_t users = 0;
  Attributed attributed;

  [[nodiscard]] std::int64_t impressions(Basis basis) const { return basis == Basis::kNet ? net : gross; }
};

using Lines = std::map<std::string, Line, std::less<>>;

void add_counts(Line& line, const warehouse::Rows& rows, std::size_t row) {
  line.gross += rows.integer(row, "gross");
  line.givt += rows.integer(row, "givt");
  line.sivt += rows.integer(row, "sivt");
  line.net += rows.integer(row, "net");
  line.rank_sum += rows.integer(row, "rank_sum");
  line.rank_count += rows.integer(row, "rank_count");
}

Section make_placements(
    const Lines& lines, const Line& total, const PlacementNames& names, Basis basis, bool is_exact) {
  Section section{"by_placement", "By placement", {}, {}, false};
  section.columns = {{"placement_id", "Id"},
                     {"placement", "Placement"},
                     {"placement_name", "Name"},
                     {"impressions", "Impressions", ColumnKind::kInteger},
                     {"impression_share_pct", "Share %", ColumnKind::kDecimal},
                     {"unique_users", "Users", ColumnKind::kInteger, !is_exact},
                     {"average_rank", "Avg rank", ColumnKind::kDecimal},
                     {"clicks", "Clicks", ColumnKind::kInteger},
                     {"ctr_pct", "CTR %", ColumnKind::kDecimal},
                     {"conversions", "Conversions", ColumnKind::kDecimal},
                     {"cvr_pct", "CVR %", ColumnKind::kDecimal},
                     {"revenue", "Revenue", ColumnKind::kMoney}};
  std::vector<const std::pair<const std::string, Line>*> order;
  for (const auto& entry : lines) {
    order.push_back(&entry);
  }
  std::ranges::stable_sort(order, [basis](const auto* a, const auto* b) {
    const bool is_a_none = a->first == kNilId;
    const bool is_b_none = b->first == kNilId;
    return is_a_none != is_b_none ? is_b_none : a->second.impressions(basis) > b->second.impressions(basis);
  });
  for (const auto* entry : order) {
    const Line& line = entry->second;
    const std::int64_t impressions = line.impressions(basis);
    Row row;
    add_placement_cells(row, entry->first, names, "(unattributed)");
    row.insert(row.end(),
               {impressions,
                cell_of(percent(impressions, total.impressions(basis))),
                line.users,
                cell_of(quotient(line.rank_sum, line.rank_count)),
                line.attributed.clicks,
                cell_of(percent(line.attributed.clicks, impressions)),
                format_parts(line.attributed.conversion_parts),
                cell_of(percent(line.attributed.conversion_parts, impressions * kPartsPerConversion)),
                line.attributed.revenue.amounts()});
    section.add(std::move(row));
  }
  return section;
}

Section make_funnel(const Line& total, std::int64_t unattributed_clicks, Basis basis, bool is_exact) {
  Section section{"funnel", "Funnel", {}, {}, true};
  section.columns = {{"impressions", "Impressions", ColumnKind::kInteger},
                     {"gross_impressions", "Gross", ColumnKind::kInteger},
                     {"givt_impressions", "GIVT", ColumnKind::kInteger},
                     {"sivt_impressions", "SIVT", ColumnKind::kInteger},
                     {"net_impressions", "Net", ColumnKind::kInteger},
                     {"unique_users", "Users", ColumnKind::kInteger, !is_exact},
                     {"average_rank", "Avg rank", ColumnKind::kDecimal},
                     {"clicks", "Clicks", ColumnKind::kInteger},
                     {"attributed_clicks", "Attributed", ColumnKind::kInteger},
                     {"ctr_pct", "CTR %", ColumnKind::kDecimal},
                     {"conversions", "Conversions", ColumnKind::kInteger},
                     {"reversed_conversions", "Reversed", ColumnKind::kInteger},
                     {"cvr_pct", "CVR %", ColumnKind::kDecimal},
                     {"conversions_per_click_pct", "Conv/click %", ColumnKind::kDecimal},
                     {"revenue", "Revenue", ColumnKind::kMoney}};
  const Attributed& attributed = total.attributed;
  const std::int64_t impressions = total.impressions(basis);
  const std::int64_t conversions = attributed.conversion_parts / kPartsPerConversion;
  section.add({impressions,
               total.gross,
               total.givt,
               total.sivt,
               total.net,
               total.users,
               cell_of(quotient(total.rank_sum, total.rank_count)),
               attributed.clicks,
               attributed.clicks - unattributed_clicks,
               cell_of(percent(attributed.clicks, impressions)),
               conversions,
               attributed.reversed_parts / kPartsPerConversion,
               cell_of(percent(conversions, impressions)),
               cell_of(percent(conversions, attributed.clicks)),
               attributed.revenue.amounts()});
  return section;
}

}  // namespace

Report make_merchant_report(const MerchantAnswers& answers, Basis basis, bool is_exact) {
  Lines lines;
  Line total;
  for (std::size_t i = 0; i < answers.counts.size(); ++i) {
    add_counts(lines[std::string(answers.counts.text(i, "placement_id"))], answers.counts, i);
    add_counts(total, answers.counts, i);
  }
  for (std::size_t i = 0; i < answers.users.size(); ++i) {
    Line& line =
        answers.users.integer(i, "is_total") != 0 ? total : lines[std::string(answers.users.text(i, "placement_id"))];
    line.users = answers.users.integer(i, "users");
  }
  for (const auto& [placement_id, attributed] : answers.attribution) {
    lines[placement_id].attributed = attributed;
  }
  total.attributed = total_of(answers.attribution);
  const auto none = answers.attribution.find(kNilId);

  Report report{"merchant", "Merchant", subject_of("merchant", answers.merchant), {}, {}, std::nullopt, false};
  report.sections.push_back(make_placements(lines, total, answers.names, basis, is_exact));
  report.sections.push_back(
      make_funnel(total, none == answers.attribution.end() ? 0 : none->second.clicks, basis, is_exact));
  return report;
}

base::Result<Report> load_merchant_report(Reader& reader, std::string_view slug_or_id) {
  MerchantAnswers answers;
  TALLY_ASSIGN(answers.merchant, find_merchant(reader, slug_or_id));
  const warehouse::Parameters parameters = {{"merchant", answers.merchant.id}};
  constexpr std::string_view kFilter = "merchant_id = {merchant:UUID}";
  auto counts = reader.start(
      "SELECT placement_id, sum(impressions) AS gross, sumIf(impressions, class = 2) AS givt, "
      "sumIf(impressions, class = 3) AS sivt, sumIf(impressions, class < 2) AS net, sumIf(e.rank_sum, "
      "class <= {max_class:Int8}) AS rank_sum, sumIf(e.rank_count, class <= {max_class:Int8}) AS "
      "rank_count FROM (SELECT placement_id, class, impressions, rank_sum, rank_count FROM " +
          exposure_days(reader.coverage(), kFilter) + ") AS e GROUP BY placement_id",
      parameters);
  const std::string users = reader.question().is_exact ? "uniqExact(user) AS users FROM " + exact_impressions(kFilter) +
                                                             " WHERE class <= {max_class:Int8} AND user != 0"
                                                       : "uniqCombined64Merge(14)(sketch) AS users FROM " +
                                                             exposure_user_sketches(reader.coverage(), kFilter);
  auto unique = reader.start(
      "SELECT placement_id, grouping(placement_id) AS is_total, " + users + " GROUP BY ROLLUP(placement_id)",
      parameters);
  TALLY_ASSIGN(answers.attribution, load_attribution(reader, answers.merchant.id));
  TALLY_ASSIGN(answers.names, load_placement_names(reader));
  TALLY_ASSIGN(answers.counts, counts.get());
  TALLY_ASSIGN(answers.users, unique.get());
  return make_merchant_report(answers, reader.question().basis, reader.question().is_exact);
}

}  // namespace tallystick::insights
