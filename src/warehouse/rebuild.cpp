#include "warehouse/rebuild.h"

#include <array>
#include <set>
#include <string>

#include <fmt/format.h>

#include "embedded/recount_weeks.h"
#include "embedded/recounts.h"
#include "warehouse/aggregate_blocks.h"

namespace tallystick::warehouse {

namespace {

// A day of a busy log takes seconds.
constexpr std::int64_t kRebuildTimeoutMs = 600'000;

struct Aggregate {
  std::string_view table;
  std::string_view day;  // the UTC day of a row
};

constexpr auto kAggregates = std::to_array<Aggregate>({{"exposure_hourly", "toDate(hour, 'UTC')"},
                                                       {"placement_hourly", "toDate(hour, 'UTC')"},
                                                       {"exposure_daily", "day"},
                                                       {"exposure_users_daily", "day"},
                                                       {"placement_daily", "day"},
                                                       {"click_hourly", "toDate(hour, 'UTC')"}});

QueryOptions patient() {
  QueryOptions options;
  options.timeout_ms = kRebuildTimeoutMs;
  return options;
}

std::string join_days(const auto& days) {
  std::string out;
  for (const std::uint16_t day : days) {
    out += fmt::format("{}toDate({})", out.empty() ? "" : ", ", day);
  }
  return out;
}

}  // namespace

base::Result<void> rebuild_days(Client& client,
                                const Layout& layout,
                                std::uint32_t log_id,
                                std::span<const std::uint16_t> days) {
  if (days.empty()) {
    return {};
  }
  std::set<std::uint16_t> weeks;
  for (const std::uint16_t day : days) {
    weeks.insert(monday_of(day));
  }
  const auto remove = [&](std::string_view table, std::string_view span, const std::string& spans) {
    return client.execute(
        fmt::format(
            "ALTER TABLE {} DELETE WHERE log_id = {} AND {} IN ({})", layout.stored_table(table), log_id, span, spans),
        {},
        patient());
  };
  for (const Aggregate& aggregate : kAggregates) {
    TALLY_TRY(remove(aggregate.table, aggregate.day, join_days(days)));
  }
  TALLY_TRY(remove("placement_weekly", "week", join_days(weeks)));
  // A day at a time bounds the memory of the sketches.
  for (const SchemaStatement& recount : split_statements(embedded::recounts())) {
    for (const std::uint16_t day : days) {
      const std::string rows = fmt::format("log_id = {} AND toDate(occurred_at, 'UTC') = toDate({})", log_id, day);
      TALLY_TRY(client.execute(layout.render_statement(recount.text, rows), {}, patient()));
    }
  }
  for (const SchemaStatement& recount : split_statements(embedded::recount_weeks())) {
    for (const std::uint16_t week : weeks) {
      const std::string rows = fmt::format("log_id = {} AND toMonday(day) = toDate({})", log_id, week);
      TALLY_TRY(client.execute(layout.render_statement(recount.text, rows), {}, patient()));
    }
  }
  return {};
}

}  // namespace tallystick::warehouse
