#include "warehouse/rebuild.h"

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "warehouse/migrations.h"

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
                                                       {"placement_daily", "day"},
                                                       {"click_hourly", "toDate(hour, 'UTC')"}});

struct View {
  std::string target;
  std::string statement;
};

// Views over raw tables: those that say {{rows}}. What hangs on their targets follows by itself.
std::vector<View> collect_views() {
  constexpr std::string_view kTo = "TO {{stored ";
  std::vector<View> views;
  for (const Migration& migration : embedded_migrations()) {
    for (SchemaStatement& statement : split_statements(migration.text)) {
      const std::size_t to = statement.text.find(kTo);
      if (!statement.text.starts_with("CREATE MATERIALIZED VIEW") || to == std::string::npos ||
          statement.text.find("{{rows}}") == std::string::npos) {
        continue;
      }
      const std::size_t begin = to + kTo.size();
      std::string target = statement.text.substr(begin, statement.text.find('}', begin) - begin);
      views.push_back({std::move(target), std::move(statement.text)});
    }
  }
  return views;
}

QueryOptions patient() {
  QueryOptions options;
  options.timeout_ms = kRebuildTimeoutMs;
  return options;
}

std::string join_days(std::span<const std::uint16_t> days) {
  std::string out;
  for (const std::uint16_t day : days) {
    out += fmt::format("{}toDate({})", out.empty() ? "" : ", ", day);
  }
  return out;
}

base::Result<std::string> load_column_list(Client& client, const std::string& select) {
  TALLY_ASSIGN(const Rows rows, client.query(fmt::format("DESCRIBE TABLE ({})", select)));
  std::string out;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    out += fmt::format("{}`{}`", out.empty() ? "" : ", ", rows.text(row, "name"));
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
  for (const Aggregate& aggregate : kAggregates) {
    TALLY_TRY(client.execute(fmt::format("ALTER TABLE {} DELETE WHERE log_id = {} AND {} IN ({})",
                                         layout.stored_table(aggregate.table),
                                         log_id,
                                         aggregate.day,
                                         join_days(days)),
                             {},
                             patient()));
  }
  // A day at a time bounds the memory of the sketches.
  for (const View& view : collect_views()) {
    TALLY_ASSIGN(const std::string columns, load_column_list(client, layout.render_select(view.statement, "1")));
    for (const std::uint16_t day : days) {
      const std::string rows = fmt::format("log_id = {} AND toDate(occurred_at, 'UTC') = toDate({})", log_id, day);
      TALLY_TRY(client.execute(
          fmt::format(
              "INSERT INTO {} ({}) {}", layout.table(view.target), columns, layout.render_select(view.statement, rows)),
          {},
          patient()));
    }
  }
  return {};
}

}  // namespace tallystick::warehouse
