#include "warehouse/row_counts.h"

#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace tallystick::warehouse {
namespace {

struct Count {
  std::string_view table;
  std::string_view group;  // an expression; "": the table as a whole
  std::string_view value;
  std::string_view time;
};

constexpr auto kCounts = std::to_array<Count>({
    {"impressions", "toString(verdict_class)", "count()", "occurred_at"},
    {"clicks", "toString(verdict_class)", "count()", "occurred_at"},
    {"conversions", "toString(verdict_class)", "count()", "occurred_at"},
    {"forwardings", "toString(state)", "count()", "received_at"},
    {"verdict_revisions", "", "count()", "received_at"},
    {"exposure_hourly", "", "toUInt64(sum(impressions))", "hour"},
    {"placement_hourly", "", "toUInt64(sum(impressions))", "hour"},
    {"placement_daily", "", "toUInt64(sumIf(impressions, basis = 'gross'))", "toDateTime(day, 'UTC')"},
    {"click_hourly", "", "toUInt64(sum(clicks))", "hour"},
});

std::uint64_t value_of(const RowCounts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

base::Result<RowCounts> load_row_counts(Client& client,
                                        const Layout& layout,
                                        std::uint32_t log_id,
                                        base::Timestamp since) {
  RowCounts counts;
  for (const Count& count : kCounts) {
    TALLY_ASSIGN(
        const Rows rows,
        client.query(fmt::format("SELECT {} AS name, {} AS value FROM {} WHERE log_id = {} AND toDate({}, 'UTC') "
                                 ">= toDate({}) GROUP BY name",
                                 count.group.empty() ? "''" : count.group,
                                 count.value,
                                 layout.table(count.table),
                                 log_id,
                                 count.time,
                                 since.us / base::kMicrosPerDay)));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::string_view group = rows.text(row, 0);
      const std::string name = group.empty() ? std::string(count.table) : fmt::format("{}/{}", count.table, group);
      if (const std::uint64_t value = rows.unsigned_integer(row, 1); value != 0) {
        counts[name] = value;
      }
    }
  }
  return counts;
}

std::vector<CountComparison> compare_counts(const RowCounts& journal,
                                            const RowCounts& before,
                                            const RowCounts& rebuilt) {
  std::set<std::string> names;
  for (const RowCounts* counts : {&journal, &before, &rebuilt}) {
    for (const auto& [name, value] : *counts) {
      names.insert(name);
    }
  }
  std::vector<CountComparison> compared;
  for (const std::string& name : names) {
    compared.push_back({name, value_of(journal, name), value_of(before, name), value_of(rebuilt, name)});
  }
  return compared;
}

}  // namespace tallystick::warehouse
