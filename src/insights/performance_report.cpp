#include "insights/performance_report.h"

#include <algorithm>
#include <map>
#include <vector>

#include "insights/quotient.h"
#include "insights/sources.h"

namespace tallystick::insights {
namespace {

struct Line {
  std::int64_t impressions = 0;
  Attributed attributed;
};

std::vector<Column> figure_columns() {
  return {{"impressions", "Impressions", ColumnKind::kInteger},
          {"clicks", "Clicks", ColumnKind::kInteger},
          {"ctr_pct", "CTR %", ColumnKind::kDecimal},
          {"conversions", "Conversions", ColumnKind::kDecimal},
          {"reversed_conversions", "Reversed", ColumnKind::kDecimal},
          {"cvr_pct", "CVR %", ColumnKind::kDecimal},
          {"conversions_per_click_pct", "Conv/click %", ColumnKind::kDecimal},
          {"revenue", "Revenue", ColumnKind::kMoney},
          {"rpm", "RPM", ColumnKind::kRate}};
}

void append_figures(Row& row, const Line& line) {
  const Attributed& attributed = line.attributed;
  row.insert(row.end(),
             {line.impressions,
              attributed.clicks,
              cell_of(percent(attributed.clicks, line.impressions)),
              format_parts(attributed.conversion_parts),
              format_parts(attributed.reversed_parts),
              cell_of(percent(attributed.conversion_parts, line.impressions * kPartsPerConversion)),
              cell_of(percent(attributed.conversion_parts, attributed.clicks * kPartsPerConversion)),
              attributed.revenue.amounts(),
              attributed.revenue.per(line.impressions, 1'000)});
}

}  // namespace

Report make_performance_report(const PerformanceAnswers& answers, Model model) {
  std::map<std::string, Line, std::less<>> lines;
  for (const auto& [id, placement] : answers.names) {
    lines[id];
  }
  lines[std::string(kNilId)];  // always there: that nothing is unattributed is worth saying
  Line total;
  for (std::size_t i = 0; i < answers.impressions.size(); ++i) {
    const std::int64_t impressions = answers.impressions.integer(i, "impressions");
    lines[std::string(answers.impressions.text(i, "placement_id"))].impressions += impressions;
    total.impressions += impressions;
  }
  for (const auto& [placement_id, attributed] : answers.attribution) {
    lines[placement_id].attributed = attributed;
  }
  total.attributed = total_of(answers.attribution);

  std::vector<const std::pair<const std::string, Line>*> order;
  order.reserve(lines.size());
  for (const auto& entry : lines) {
    order.push_back(&entry);
  }
  std::ranges::stable_sort(order, [](const auto* a, const auto* b) {
    const bool is_a_none = a->first == kNilId;
    const bool is_b_none = b->first == kNilId;
    return is_a_none != is_b_none ? is_b_none : a->second.impressions > b->second.impressions;
  });

  Report report{"performance", "Performance", {{"model", std::string(name_of(model))}}, {}, {}, std::nullopt, false};
  Section section{"by_placement", "By placement", {}, {}, false};
  section.columns = {{"placement_id", "Id"}, {"placement", "Placement"}, {"placement_name", "Name"}};
  const auto figures = figure_columns();
  section.columns.insert(section.columns.end(), figures.begin(), figures.end());
  for (const auto* entry : order) {
    Row row;
    add_placement_cells(row, entry->first, answers.names, "(unattributed)");
    append_figures(row, entry->second);
    section.add(std::move(row));
  }
  report.sections.push_back(std::move(section));
  Section totals{"totals", "Totals", figures, {}, true};
  Row row;
  append_figures(row, total);
  totals.add(std::move(row));
  report.sections.push_back(std::move(totals));
  report.notes = {"each click and each conversion's revenue counts once: the placements add up to the totals",
                  "the newest stand under no placement until attribution, which runs every few seconds, has seen them"};
  return report;
}

base::Result<Report> load_performance_report(Reader& reader) {
  PerformanceAnswers answers;
  auto impressions = reader.start("SELECT placement_id, sum(h.impressions) AS impressions FROM " +
                                  placement_hours(reader.coverage(), "1") +
                                  " AS h WHERE class <= {max_class:Int8} GROUP BY placement_id");
  TALLY_ASSIGN(answers.attribution, load_attribution(reader, ""));
  TALLY_ASSIGN(answers.names, load_placement_names(reader));
  TALLY_ASSIGN(answers.impressions, impressions.get());
  return make_performance_report(answers, reader.question().model);
}

}  // namespace tallystick::insights
