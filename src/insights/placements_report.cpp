#include "insights/placements_report.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "insights/quotient.h"
#include "insights/sources.h"

namespace tallystick::insights {
namespace {

// A session counts once per UTC day and placement.
constexpr std::string_view kExactSlots =
    "SELECT placement_id, count() AS sessions, sum(shown) AS session_merchants, max(shown) AS slots_max FROM (SELECT "
    "placement_id, toDate(at, 'UTC') AS day, session, uniqExactIf(merchant_id, merchant_id != "
    "toUUID('00000000-0000-0000-0000-000000000000')) AS shown FROM ";

struct Line {
  std::int64_t gross = 0, givt = 0, sivt = 0, net = 0, viewable = 0;
  std::int64_t users = 0;
  std::int64_t merchants = 0;
  std::int64_t sessions = 0, session_merchants = 0, slots_max = 0;
};

void add_counts(Line& line, const warehouse::Rows& rows, std::size_t row) {
  line.gross += rows.integer(row, "gross");
  line.givt += rows.integer(row, "givt");
  line.sivt += rows.integer(row, "sivt");
  line.net += rows.integer(row, "net");
  line.viewable += rows.integer(row, "viewable");
}

void append_counts(Row& row, const Line& line, Basis basis) {
  row.insert(row.end(),
             {basis == Basis::kNet ? line.net : line.gross, line.gross, line.givt, line.sivt, line.net, line.viewable});
}

std::vector<Column> count_columns() {
  return {{"impressions", "Impressions", ColumnKind::kInteger},
          {"gross_impressions", "Gross", ColumnKind::kInteger},
          {"givt_impressions", "GIVT", ColumnKind::kInteger},
          {"sivt_impressions", "SIVT", ColumnKind::kInteger},
          {"net_impressions", "Net", ColumnKind::kInteger},
          {"viewable_impressions", "Viewable", ColumnKind::kInteger}};
}

Section make_lines(const std::map<std::string, Line, std::less<>>& lines,
                   const PlacementNames& names,
                   Basis basis,
                   bool is_exact) {
  Section section{"by_placement", "By placement", {}, {}, false};
  section.columns = {{"placement_id", "Id"}, {"placement", "Placement"}, {"placement_name", "Name"}};
  const auto counts = count_columns();
  section.columns.insert(section.columns.end(), counts.begin(), counts.end());
  section.columns.insert(section.columns.end(),
                         {{"unique_users", "Users", ColumnKind::kInteger, !is_exact},
                          {"unique_merchants", "Merchants", ColumnKind::kInteger},
                          {"average_slots_filled", "Avg slots", ColumnKind::kDecimal, !is_exact},
                          {"max_slots_filled", "Max slots", ColumnKind::kInteger, !is_exact},
                          {"max_slots", "Slots", ColumnKind::kInteger},
                          {"saturation_pct", "Saturation %", ColumnKind::kDecimal},
                          {"fill_pct", "Fill %", ColumnKind::kDecimal, !is_exact}});
  std::vector<const std::pair<const std::string, Line>*> order;
  order.reserve(lines.size());
  for (const auto& entry : lines) {
    order.push_back(&entry);
  }
  // Most impressions first; equal ones by id, so that the order is always the same.
  std::ranges::stable_sort(order, [basis](const auto* a, const auto* b) {
    return basis == Basis::kNet ? a->second.net > b->second.net : a->second.gross > b->second.gross;
  });
  for (const auto* entry : order) {
    const Line& line = entry->second;
    const auto name = names.find(entry->first);
    const std::int64_t max_slots = name == names.end() ? 0 : name->second.max_slots;
    Row row;
    add_placement_cells(row, entry->first, names);
    append_counts(row, line, basis);
    row.insert(row.end(),
               {line.users,
                line.merchants,
                cell_of(quotient(line.session_merchants, line.sessions)),
                line.sessions > 0 ? Cell(line.slots_max) : Cell(),
                max_slots > 0 ? Cell(max_slots) : Cell(),
                cell_of(percent(line.merchants, max_slots)),
                cell_of(percent(line.session_merchants, line.sessions * max_slots))});
    section.add(std::move(row));
  }
  return section;
}

}  // namespace

Report make_placements_report(const PlacementsAnswers& answers, Basis basis, bool is_exact) {
  std::map<std::string, Line, std::less<>> lines;
  for (const auto& [id, placement] : answers.names) {
    lines[id];  // what showed nothing is listed too
  }
  Line total;
  for (std::size_t i = 0; i < answers.counts.size(); ++i) {
    add_counts(lines[std::string(answers.counts.text(i, "placement_id"))], answers.counts, i);
    add_counts(total, answers.counts, i);
  }
  const auto line_of = [&](const warehouse::Rows& rows, std::size_t row) -> Line& {
    return rows.integer(row, "is_total") != 0 ? total : lines[std::string(rows.text(row, "placement_id"))];
  };
  for (std::size_t i = 0; i < answers.users.size(); ++i) {
    line_of(answers.users, i).users = answers.users.integer(i, "users");
  }
  for (std::size_t i = 0; i < answers.merchants.size(); ++i) {
    line_of(answers.merchants, i).merchants = answers.merchants.integer(i, "merchants");
  }
  for (std::size_t i = 0; i < answers.slots.size(); ++i) {
    Line& line = lines[std::string(answers.slots.text(i, "placement_id"))];
    line.sessions = answers.slots.integer(i, "sessions");
    line.session_merchants = answers.slots.integer(i, "session_merchants");
    line.slots_max = answers.slots.integer(i, "slots_max");
  }

  Report report{"placements", "Placements", {}, {}, {}, std::nullopt, false};
  report.sections.push_back(make_lines(lines, answers.names, basis, is_exact));
  Section totals{"totals", "Totals", count_columns(), {}, true};
  totals.columns.insert(totals.columns.end(),
                        {{"unique_users", "Users", ColumnKind::kInteger, !is_exact},
                         {"unique_merchants", "Merchants", ColumnKind::kInteger}});
  Row row;
  append_counts(row, total, basis);
  row.insert(row.end(), {total.users, total.merchants});
  totals.add(std::move(row));
  report.sections.push_back(std::move(totals));
  report.notes = {
      "unique_merchants and saturation_pct are of the whole period: a placement that rotates merchants may "
      "exceed 100 %; fill_pct is of what one session saw in a day"};
  return report;
}

base::Result<Report> load_placements_report(Reader& reader) {
  const bool is_exact = reader.question().is_exact;
  PlacementsAnswers answers;
  auto counts = reader.start(
      "SELECT placement_id, sum(impressions) AS gross, sumIf(impressions, class = 2) AS givt, sumIf(impressions, class "
      "= 3) AS sivt, sumIf(impressions, class < 2) AS net, sumIf(viewable, class <= {max_class:Int8}) AS viewable "
      "FROM " +
      placement_hours(reader.coverage(), "1") + " GROUP BY placement_id");
  // A class that a revision emptied leaves a merchant with 0 impressions: it was not shown.
  auto merchants = reader.start(
      "SELECT placement_id, grouping(placement_id) AS is_total, uniqExact(merchant_id) AS merchants FROM (SELECT "
      "placement_id, merchant_id FROM " +
      exposure_days(reader.coverage(), "1") +
      " WHERE class <= {max_class:Int8} GROUP BY placement_id, merchant_id HAVING sum(impressions) > 0) GROUP BY "
      "ROLLUP(placement_id)");
  if (is_exact) {
    // One after the other: each may take a good part of the engine's memory.
    const std::string events = exact_impressions("1");
    TALLY_ASSIGN(
        answers.users,
        reader.query("SELECT placement_id, grouping(placement_id) AS is_total, uniqExact(user) AS users FROM " +
                     events + " WHERE class <= {max_class:Int8} AND user != 0 GROUP BY ROLLUP(placement_id)"));
    TALLY_ASSIGN(answers.slots,
                 reader.query(std::string(kExactSlots) + events +
                              " WHERE class <= {max_class:Int8} AND session != 0 GROUP BY placement_id, day, session) "
                              "GROUP BY placement_id"));
  } else {
    auto users = reader.start(
        "SELECT placement_id, grouping(placement_id) AS is_total, uniqCombined64Merge(14)(sketch) AS users FROM " +
        placement_user_sketches(reader.coverage()) + " GROUP BY ROLLUP(placement_id)");
    TALLY_ASSIGN(
        answers.slots,
        reader.query(
            "SELECT placement_id, sum(span_sessions) AS sessions, sum(span_shown) AS session_merchants, max(span_max) "
            "AS slots_max FROM " +
            placement_sessions(reader.coverage()) + " GROUP BY placement_id"));
    TALLY_ASSIGN(answers.users, users.get());
  }
  TALLY_ASSIGN(answers.names, load_placement_names(reader));
  TALLY_ASSIGN(answers.counts, counts.get());
  TALLY_ASSIGN(answers.merchants, merchants.get());
  return make_placements_report(answers, reader.question().basis, is_exact);
}

}  // namespace tallystick::insights
