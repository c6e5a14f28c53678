#include "cli/settle_files.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "cli/settle_columns.h"
#include "cli/settle_layout.h"
#include "cli/settle_networks.h"

namespace tallystick::cli {
namespace {

using partners::Network;

// What stands before the table.
std::string preamble_of(const SettleNetwork& network, base::Date first, base::Date last) {
  const std::string from = base::format_date(first);
  const std::string to = base::format_date(last);
  if (network.network == Network::kRakuten) {
    return fmt::format("\xEF\xBB\xBFSignature Orders Report\r\nDate Range: {} to {}\r\n\r\n", from, to);
  }
  if (network.network == Network::kAmazon) {
    return fmt::format("Fee earnings report from {} to {}\n", from, to);
  }
  return "";
}

// Rakuten's line of totals.
void append_total(std::string& out, const SettleLayout& layout, std::span<const SettleRow> rows) {
  constexpr AmountStyle kStyle{.point = '.', .thousands = ','};
  std::int64_t sales_minor = 0;
  std::int64_t commission_minor = 0;
  for (const SettleRow& row : rows) {
    sales_minor += row.amount_minor;
    commission_minor += row.commission_minor;
  }
  const base::Currency currency = rows.empty() ? base::Currency{} : rows.front().currency;
  std::vector<std::string> fields;
  for (const SettleColumn& column : layout.columns) {
    fields.push_back(column.name == "Member ID (U1)"     ? "Total"
                     : column.name == "Sales"            ? format_table_amount(sales_minor, currency, kStyle)
                     : column.name == "Total Commission" ? format_table_amount(commission_minor, currency, kStyle)
                                                         : "");
  }
  append_table_row(out, fields, layout.delimiter, layout.line_end);
}

}  // namespace

std::string write_settle_report(const SettleNetwork& network,
                                const base::TimeZone& zone,
                                base::Date first,
                                base::Date last,
                                std::span<const SettleRow> rows) {
  const SettleLayout layout = settle_layout(network.network);
  std::string out = preamble_of(network, first, last);
  std::vector<std::string> fields;
  for (const SettleColumn& column : layout.columns) {
    fields.emplace_back(column.name);
  }
  append_table_row(out, fields, layout.delimiter, layout.line_end);
  for (const SettleRow& row : rows) {
    fields.clear();
    for (const SettleColumn& column : layout.columns) {
      fields.push_back(column.write == nullptr ? std::string(column.text) : column.write({row, zone}));
    }
    append_table_row(out, fields, layout.delimiter, layout.line_end);
  }
  if (network.network == Network::kRakuten) {
    append_total(out, layout, rows);
  }
  return layout.is_utf16 ? to_utf16(out) : out;
}

std::vector<SettleFile> make_settle_files(const SettlePlan& plan,
                                          std::size_t number,
                                          const SettleSettings& settings,
                                          const base::TimeZone& zone) {
  const SettleNetwork& network = settle_networks()[number];
  std::vector<SettleRow> rows = plan.rows[number];
  std::ranges::sort(rows, [](const SettleRow& a, const SettleRow& b) {
    return std::tie(a.booked_at, a.number) < std::tie(b.booked_at, b.number);
  });
  const auto place_of = [&rows](base::Timestamp time) {
    return static_cast<std::size_t>(std::ranges::lower_bound(rows, time, {}, &SettleRow::booked_at) - rows.begin());
  };
  std::vector<SettleFile> files;
  // Rows [from, to) of the list, of which so many stand in an earlier file.
  const auto add = [&](base::Date first, base::Date last, std::size_t from, std::size_t to, std::size_t repeated) {
    if (from == to) {
      return;
    }
    const auto part = std::span<const SettleRow>(rows).subspan(from, to - from);
    files.push_back(
        {.name = fmt::format(
             "{}-{}.{}", network.slug, base::format_date(last).substr(0, 7), settle_layout(network.network).extension),
         .bytes = write_settle_report(network, zone, first, last, part),
         .new_rows = static_cast<std::int64_t>(part.size() - repeated),
         .repeated_rows = static_cast<std::int64_t>(repeated)});
  };
  const std::size_t begin = place_of(plan.periods[number].their_from);
  const std::size_t end = place_of(plan.periods[number].their_to);
  const base::Date before = settings.first_day + -1;
  const base::Date after = settings.last_day + 1;
  const std::size_t seen = place_of(zone.start_of(after + -kRepeatedDays));
  add(settings.first_day, settings.last_day, begin, end, 0);
  add(before + -1, before, 0, begin, 0);
  add(after + -kRepeatedDays, after + 2, seen, rows.size(), end - seen);
  return files;
}

}  // namespace tallystick::cli
