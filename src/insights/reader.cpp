#include "insights/reader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/time_zone.h"
#include "warehouse/parameters.h"

namespace tallystick::insights {
namespace {

constexpr std::int64_t kQueryTimeoutMs = 20'000;
constexpr std::int64_t kExactTimeoutMs = 120'000;
constexpr std::int64_t kStatements = 4;  // of a report, at a time
constexpr std::string_view kThreads = "max_threads";
constexpr int kMemoryLimitExceeded = 241;
constexpr int kTimeoutExceeded = 159;
constexpr int kTooSlow = 160;

// "2026-01-31 12:00:00"
std::string sql_second(base::Timestamp time) {
  const std::int64_t seconds = time.us / base::kMicrosPerSecond;
  const std::int64_t rest = seconds % 86'400;
  return fmt::format("{} {:02}:{:02}:{:02}",
                     base::format_date({static_cast<std::int32_t>(seconds / 86'400)}),
                     rest / 3'600,
                     rest / 60 % 60,
                     rest % 60);
}

std::string sql_day(base::Timestamp time) {
  return base::format_date({static_cast<std::int32_t>(time.us / base::kMicrosPerDay)});
}

void add_edges(warehouse::Parameters& parameters, std::string_view prefix, const Pieces& pieces) {
  for (std::size_t i = 0; i < pieces.edges.size(); ++i) {
    parameters.emplace_back(fmt::format("{}_{}_from", prefix, i + 1), warehouse::time_parameter(pieces.edges[i].from));
    parameters.emplace_back(fmt::format("{}_{}_to", prefix, i + 1), warehouse::time_parameter(pieces.edges[i].to));
  }
}

warehouse::Parameters parameters_of(const Question& question, const Coverage& coverage) {
  const Range& range = question.period.range;
  warehouse::Parameters parameters = {{"from", warehouse::time_parameter(range.from)},
                                      {"to", warehouse::time_parameter(range.to)},
                                      {"hours_from", sql_second(coverage.hours.whole.from)},
                                      {"hours_to", sql_second(coverage.hours.whole.to)},
                                      {"days_from", sql_day(coverage.days.whole.from)},
                                      {"days_to", sql_day(coverage.days.whole.to)},
                                      {"weeks_from", sql_day(coverage.weeks.whole.from)},
                                      {"weeks_to", sql_day(coverage.weeks.whole.to)},
                                      {"zone", question.period.zone.name()},
                                      {"basis", std::string(name_of(question.basis))},
                                      {"max_class", question.basis == Basis::kNet ? "1" : "3"},
                                      {"model", std::string(name_of(question.model))}};
  add_edges(parameters, "edge", coverage.hours);
  add_edges(parameters, "day_edge", coverage.days);
  return parameters;
}

base::Error unavailable(const base::Error& cause) {
  return {base::ErrorKind::kUnavailable,
          "warehouse_unavailable",
          fmt::format("reports come from the warehouse, which does not answer now ({}). Nothing is lost: it catches up "
                      "from the log. Try again in a moment; the operator finds why with `tallystick doctor` and GET "
                      "/api/warehouse",
                      cause.message)};
}

base::Error translate(const base::Error& cause, bool is_exact) {
  const auto number = warehouse::clickhouse_number(cause);
  const bool is_too_heavy = cause.code == "warehouse_timeout" || cause.code == "warehouse_answer_too_large" ||
                            number == kMemoryLimitExceeded || number == kTimeoutExceeded || number == kTooSlow;
  if (is_too_heavy) {
    return {base::ErrorKind::kUnavailable,
            "report_too_heavy",
            is_exact ? "the exact recount took too long or too much memory: ask for a shorter period, or without exact"
                     : "the report took too long or too much memory: ask for a shorter period"};
  }
  if (number) {
    return cause;  // a fault in the SQL: a bug
  }
  return unavailable(cause);
}

base::Result<warehouse::Rows> ask_warehouse(warehouse::Warehouse& warehouse,
                                            std::string_view sql,
                                            const warehouse::Parameters& parameters,
                                            const warehouse::QueryOptions& options,
                                            bool is_exact) {
  auto rows = warehouse.client().query(sql, parameters, options);
  if (!rows) {
    return std::unexpected(translate(rows.error(), is_exact));
  }
  return rows;
}

}  // namespace

Reader::Reader(warehouse::Warehouse& warehouse,
               RecentAnswers& recent,
               Question question,
               warehouse::QueryOptions options)
    : warehouse_(warehouse),
      recent_(recent),
      question_(std::move(question)),
      options_(std::move(options)),
      coverage_(coverage_of(question_.period)),
      parameters_(parameters_of(question_, coverage_)) {}

base::Result<Reader> Reader::open(warehouse::Warehouse* warehouse, RecentAnswers& recent, const Question& question) {
  if (warehouse == nullptr) {
    return base::fail(base::ErrorKind::kUnavailable,
                      "warehouse_off",
                      "reports come from the warehouse, which is off here: set warehouse.enabled and engine.enabled, "
                      "or name a ClickHouse "
                      "server with warehouse.url. Events are recorded all the same, and are loaded once it is on");
  }
  const auto layout = warehouse->layout();
  if (!layout) {
    return std::unexpected(unavailable(layout.error()));
  }
  warehouse::QueryOptions options;
  options.database = layout->database();
  options.timeout_ms = question.is_exact ? kExactTimeoutMs : kQueryTimeoutMs;
  // On a cluster the right side of a join or IN is collected from all shards.
  options.settings = {{"distributed_product_mode", "global"}};
  if (const std::int64_t threads = warehouse->client().endpoint().threads; threads > 0 && !question.is_exact) {
    options.settings.emplace_back(kThreads, std::to_string((threads + kStatements - 1) / kStatements));
  }
  Reader reader(*warehouse, recent, question, std::move(options));
  TALLY_TRY(reader.load_positions());
  return reader;
}

base::Result<warehouse::Rows> Reader::query_alone(std::string_view sql, const warehouse::Parameters& more) const {
  warehouse::QueryOptions options = options_;
  std::erase_if(options.settings, [](const auto& setting) { return setting.first == kThreads; });
  return ask(sql, more, options);
}

base::Result<warehouse::Rows> Reader::ask(std::string_view sql,
                                          const warehouse::Parameters& more,
                                          const warehouse::QueryOptions& options) const {
  warehouse::Parameters parameters = parameters_;
  parameters.insert(parameters.end(), more.begin(), more.end());
  return ask_warehouse(warehouse_, sql, parameters, options, question_.is_exact);
}

base::Result<RecentAnswers::SharedRows> Reader::query_recent(const std::string& sql,
                                                             const warehouse::Parameters& more) const {
  std::string key = options_.database + '\n' + sql;
  for (const auto& [name, value] : more) {
    key.append(1, '\n').append(name).append(1, '=').append(value);
  }
  warehouse::QueryOptions options = options_;
  options.timeout_ms = kQueryTimeoutMs;
  return recent_.get(key, [&warehouse = warehouse_, sql, parameters = more, options = std::move(options)] {
    return ask_warehouse(warehouse, sql, parameters, options, false);
  });
}

Reader::Pending Reader::start(std::string sql, warehouse::Parameters more) const {
  return std::async(std::launch::async,
                    [this, sql = std::move(sql), more = std::move(more)] { return query(sql, more); });
}

base::Result<void> Reader::load_positions() {
  // Of a batch that is under way the rows may or may not be there: only those before it are sure.
  TALLY_ASSIGN(
      positions_,
      query_recent("SELECT log_id, argMaxIf(if(state = 'done', end, first), version, stage = 'load') AS sequence, "
                   "argMaxIf(frontier, version, stage = 'load' AND state = 'done') AS frontier, maxIf(version, "
                   "stage = 'settle' AND state = 'done') AS pass, (SELECT toInt64(count()) FROM (SELECT 1 FROM "
                   "verdict_revisions WHERE event_kind = 'conversion' AND old_class != new_class LIMIT 1)) AS "
                   "revised_conversions FROM load_positions GROUP BY log_id ORDER BY log_id"));
  std::string log_ids = "0";  // no log: arrays of no elements have no type
  std::string passes = "0";
  for (std::size_t i = 0; i < positions_->size(); ++i) {
    log_ids += fmt::format(",{}", positions_->integer(i, "log_id"));
    passes += fmt::format(",{}", positions_->unsigned_integer(i, "pass"));
  }
  parameters_.emplace_back("log_ids", fmt::format("[{}]", log_ids));
  parameters_.emplace_back("passes", fmt::format("[{}]", passes));
  const bool is_none_revised = !positions_->empty() && positions_->integer(0, "revised_conversions") == 0;
  conversion_verdicts_ = is_none_revised ? Verdicts::kAsCaptured : Verdicts::kAsRevised;
  return {};
}

Freshness Reader::freshness() const {
  const warehouse::Rows& rows = *positions_;
  Freshness freshness;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    freshness.logs.push_back({static_cast<std::uint32_t>(rows.integer(i, "log_id")),
                              rows.unsigned_integer(i, "sequence"),
                              rows.time(i, "frontier")});
  }
  for (const warehouse::LogStatus& log : warehouse_.status().logs) {
    if (!log.progress) {
      continue;  // another node loads it
    }
    // The loader reports now and then: what was loaded since is in the positions already.
    const auto position = std::ranges::find(freshness.logs, log.log_id, &LogFreshness::log_id);
    const std::uint64_t loaded =
        std::max(log.progress->loaded, position == freshness.logs.end() ? 0 : position->sequence);
    const std::uint64_t behind = log.progress->durable - std::min(log.progress->durable, loaded);
    freshness.lag_records = freshness.lag_records.value_or(0) + behind;
    freshness.lag_seconds = std::max(freshness.lag_seconds.value_or(0), behind == 0 ? 0.0 : log.progress->lag_seconds);
  }
  return freshness;
}

}  // namespace tallystick::insights
