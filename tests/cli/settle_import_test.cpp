// The report files read back by what imports them: every row comes out as the plan has it.
#include <algorithm>
#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "cli/settle_files.h"
#include "cli/settle_networks.h"
#include "cli/settle_plan.h"
#include "settlement/profile_library.h"
#include "settlement/report_inspection.h"
#include "settlement/report_layout.h"
#include "settlement/report_mapper.h"
#include "settlement/report_table.h"
#include "tabular/byte_source.h"

namespace tallystick::cli {
namespace {

namespace st = settlement;

// As far as the network's report states it; equal rows of one network are one entry.
using Key = std::tuple<std::string,
                       std::string,
                       std::int64_t,
                       std::int64_t,
                       std::int64_t,
                       std::int64_t,
                       std::string,
                       reconcile::Status,
                       bool>;

Key key_of(const SettleRow& row) {
  return {row.sub_id,
          row.order_id,
          row.occurred_at.us,
          row.booked_at.us,
          row.amount_minor,
          row.commission_minor,
          std::string(row.currency.text()),
          row.status,
          row.is_correction};
}

Key key_of(const st::ReportRow& row) {
  return {row.sub_id,
          row.order_id,
          row.occurred_at.us,
          row.booked_at.us,
          row.amount_minor,
          row.commission_minor,
          std::string(row.currency.text()),
          row.status,
          row.is_correction};
}

void read_back(const SettleFile& file,
               const st::ProfileLibrary& library,
               const SettleNetwork& network,
               std::map<Key, std::int64_t>& rows) {
  const st::PartnerTerms terms{.id = {},
                               .slug = std::string(network.slug),
                               .name = std::string(network.name),
                               .network = std::string(partners::name_of(network.network)),
                               .currency = base::parse_currency(network.currency).value(),
                               .time_zone = std::string(network.time_zone)};
  tabular::MemorySource source(file.bytes);
  const auto layout = st::find_layout(source, library, terms.network, "");
  ASSERT_TRUE(layout) << file.name << ": " << layout.error().message;
  EXPECT_EQ(layout->profile().name, terms.network) << file.name;
  const auto inspection = st::inspect_report(source, *layout, 1'000'000);
  ASSERT_TRUE(inspection) << file.name << ": " << inspection.error().message;
  for (const st::ReportWarning& warning : inspection->warnings) {
    // Whole yen with thousands commas could be decimals, as far as the file shows.
    EXPECT_TRUE(network.network == partners::Network::kRakuten && warning.code == "ambiguous_amounts")
        << file.name << ": " << warning.code << " " << warning.message;
  }
  st::ReportMapper mapper(*layout, *inspection, terms, base::TimeZone::find(network.time_zone).value());
  const auto table = st::ReportTable::open(source, *layout);
  ASSERT_TRUE(table);
  st::ReportLine line;
  st::ReportSums sums;
  while ((*table)->next(line).value()) {
    if (line.kind == st::LineKind::kTotal) {
      EXPECT_EQ(mapper.compare_totals(line, sums), "") << file.name;
    }
    if (line.kind != st::LineKind::kData) {
      continue;
    }
    const auto mapped = mapper.map(line);
    ASSERT_TRUE(std::holds_alternative<st::MappedRow>(mapped))
        << file.name << " line " << line.line << ": " << std::get<st::Rejection>(mapped).reason;
    const st::ReportRow& row = std::get<st::MappedRow>(mapped).row;
    sums.amount_minor += row.amount_minor;
    sums.commission_minor += row.commission_minor;
    ++rows[key_of(row)];
  }
}

TEST(SettleImport, EveryFileIsReadBackAsTheRowsItWasWrittenFrom) {
  const SettleSettings settings{.seed = 6,
                                .first_day = base::parse_date("2026-10-01").value(),
                                .last_day = base::parse_date("2026-10-31").value(),
                                .conversions = 4'000,
                                .our_time_zone = "UTC",
                                .until = base::parse_rfc3339("2026-11-20T00:00:00Z").value()};
  const SettlePlan plan = make_settle_plan(settings).value();
  const auto library = st::ProfileLibrary::load();
  ASSERT_TRUE(library) << library.error().message;
  for (std::size_t i = 0; i < kSettleNetworks; ++i) {
    const SettleNetwork& network = settle_networks()[i];
    const base::TimeZone zone = base::TimeZone::find(network.time_zone).value();
    std::map<Key, std::int64_t> written;
    for (const SettleRow& row : plan.rows[i]) {
      ++written[key_of(row)];
    }
    std::map<Key, std::int64_t> read;
    const auto files = make_settle_files(plan, i, settings, zone);
    std::int64_t repeated = 0;
    for (const SettleFile& file : files) {
      repeated += file.repeated_rows;
      read_back(file, *library, network, read);
    }
    std::int64_t more = 0;
    for (const auto& [key, count] : read) {
      ASSERT_TRUE(written.contains(key)) << network.slug << ": order " << std::get<1>(key) << ", sold "
                                         << base::format_rfc3339({std::get<2>(key)}) << ", booked "
                                         << base::format_rfc3339({std::get<3>(key)}) << ", commission "
                                         << std::get<5>(key) << ", " << static_cast<int>(std::get<7>(key))
                                         << ", correction " << std::get<8>(key);
      more += count - written[key];
    }
    EXPECT_EQ(read.size(), written.size()) << network.slug;
    EXPECT_EQ(more, repeated) << network.slug;
  }
}

}  // namespace
}  // namespace tallystick::cli
