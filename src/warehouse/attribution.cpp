#include "warehouse/attribution.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "embedded/attribution_claims.h"
#include "embedded/attribution_clicks.h"
#include "embedded/attribution_plan.h"
#include "embedded/attribution_revisions.h"
#include "embedded/attribution_shares.h"
#include "warehouse/attribution_weights.h"

namespace tallystick::warehouse {

namespace {

constexpr std::string_view kClicks = "click_attributions";
constexpr std::string_view kShares = "conversion_shares";
constexpr std::string_view kRecentClicks = "recent_click_attributions";
constexpr std::string_view kRecentShares = "recent_conversion_shares";
constexpr std::string_view kClaims = "attribution_claims";
constexpr std::array kTablesOfOnePass{kRecentClicks, kRecentShares, kClaims};

constexpr unsigned kMaxHalvings = 20;

// Statements follow each other, but the server may remember the last one a moment longer.
constexpr std::size_t kQueryIds = 8;

std::string with_target(std::string_view text, std::string_view table) {
  constexpr std::string_view kWord = "{{target}}";
  std::string out(text);
  if (const std::size_t at = out.find(kWord); at != std::string::npos) {
    out.replace(at, kWord.size(), fmt::format("{{{{table {}}}}}", table));
  }
  return out;
}

bool is_too_much(const base::Error& error) {
  constexpr std::array kNumbers{
      159, 241, 307, 396};  // TIMEOUT_EXCEEDED, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES, ...ROWS
  const std::optional<int> number = clickhouse_number(error);
  return error.code == "warehouse_timeout" || (number && std::ranges::find(kNumbers, *number) != kNumbers.end());
}

}  // namespace

AttributionPass::AttributionPass(
    Client& client, Layout layout, std::uint32_t log_id, const base::Clock& clock, AttributionSettings settings)
    : client_(client),
      layout_(std::move(layout)),
      log_id_(log_id),
      clock_(clock),
      settings_(settings),
      made_us_(clock.monotonic_us()) {}

base::Result<bool> AttributionPass::run_if_due(const LoadedLog& loaded) {
  if (!is_due(loaded)) {
    return false;
  }
  const std::int64_t begun_us = clock_.monotonic_us();
  const auto outcome = run(loaded);
  const std::int64_t ended_us = clock_.monotonic_us();
  last_run_ = {.ended_us = ended_us, .took_us = ended_us - begun_us, .is_good = outcome.has_value()};
  return outcome;
}

// After the last run, as things stand now: a loader that has caught up meanwhile has nothing better to do.
std::int64_t AttributionPass::rest_us(const LoadedLog& loaded) const {
  if (loaded.is_caught_up && last_run_->is_good && last_plan_ && last_plan_->has_backlog()) {
    return 0;
  }
  const std::int64_t permille = std::max<std::int64_t>(
      loaded.is_far_behind ? settings_.max_busy_behind_permille : settings_.max_busy_permille, 1);
  return std::max(loaded.is_far_behind ? settings_.min_pause_behind_us : settings_.min_pause_us,
                  last_run_->took_us * (1000 - permille) / permille);
}

base::Result<void> AttributionPass::settle_all(const LoadedLog& loaded) {
  do {
    TALLY_TRY(run(loaded));
  } while (last_plan_->has_backlog());
  return {};
}

// Without new records only time changes something: what was too young may have grown old enough.
bool AttributionPass::is_due(const LoadedLog& loaded) const {
  if (last_run_ && clock_.monotonic_us() < last_run_->ended_us + rest_us(loaded)) {
    return false;
  }
  if (!last_run_ && loaded.is_far_behind && clock_.monotonic_us() < made_us_ + settings_.min_pause_behind_us) {
    return false;
  }
  return !is_recovered_ || !last_plan_ || loaded.end != last_loaded_end_ ||
         (!last_plan_->is_recent_empty && last_plan_->oldest_unsettled <= loaded.frontier - settings_.settle_delay_us);
}

base::Result<bool> AttributionPass::run(const LoadedLog& loaded) {
  if (!is_recovered_) {
    TALLY_TRY(recover());
  }
  TALLY_ASSIGN(const Plan plan, make_plan(loaded));
  const bool was_recent_empty = last_plan_ && last_plan_->is_recent_empty;
  if (plan.is_settling || !plan.is_recent_empty || !was_recent_empty) {
    is_recovered_ = false;
    if (auto done = carry_out(plan); !done) {
      adapt(done.error());
      return std::unexpected(std::move(done).error());
    }
    is_recovered_ = true;
  }
  last_plan_ = plan;
  last_loaded_end_ = loaded.end;
  TALLY_TRY(drop_superseded());
  return true;
}

// An exposure may have been captured by another node, so the slowest log decides.
base::Result<base::Timestamp> AttributionPass::find_horizon(const LoadedLog& loaded) {
  TALLY_ASSIGN(const std::vector<Position> logs, load_positions(client_, layout_, Stage::kLoad));
  base::Timestamp frontier = loaded.frontier;
  for (const Position& log : logs) {
    if (log.log_id != log_id_ && log.frontier > loaded.frontier - settings_.max_log_lag_us) {
      frontier = std::min(frontier, log.frontier);
    }
  }
  // Before anything is loaded the frontier is 0, and positions hold no time before 1970.
  return std::max(frontier - settings_.settle_delay_us, base::Timestamp{0});
}

base::Result<AttributionPass::Plan> AttributionPass::make_plan(const LoadedLog& loaded) {
  Plan plan;
  TALLY_ASSIGN(plan.horizon, find_horizon(loaded));
  const auto bounded = [&](std::uint64_t events) {
    return std::to_string(std::max<std::uint64_t>(events >> halvings_, 1));
  };
  const Parameters parameters{{"log_id", std::to_string(log_id_)},
                              {"first", std::to_string(settled_end_)},
                              {"end", std::to_string(std::max(loaded.end, settled_end_))},
                              {"horizon_us", std::to_string(plan.horizon.us)},
                              {"span_us", std::to_string(settings_.max_settled_span_us)},
                              {"max_settled", bounded(settings_.max_settled_events)},
                              {"max_recent", bounded(settings_.max_recent_events)}};
  TALLY_ASSIGN(
      const Rows rows,
      client_.query(
          layout_.render_statement(embedded::attribution_plan()), parameters, {.database = layout_.database()}));
  plan.settle_end = rows.unsigned_integer(0, "settle_end");
  plan.recent_end = rows.unsigned_integer(0, "recent_end");
  plan.is_settling = rows.integer(0, "settled") != 0;
  plan.is_recent_empty = rows.integer(0, "unsettled") == 0;
  plan.oldest_unsettled = {rows.integer(0, "oldest_unsettled_us")};
  return plan;
}

base::Result<void> AttributionPass::carry_out(const Plan& plan) {
  TALLY_TRY(save(PositionState::kBegun, plan));
  const std::uint64_t pass = version_ + 1;  // the version of the position that publishes it
  TALLY_TRY(attribute(plan, pass));
  TALLY_TRY(save(PositionState::kDone, plan));
  if (published_ != 0) {
    superseded_.push_back({published_, clock_.monotonic_us()});
  }
  published_ = pass;
  settled_end_ = plan.settle_end;
  halvings_ -= halvings_ > 0 ? 1 : 0;
  return {};
}

// While there is more to settle than fits into one pass, answering the rest anew each time would be wasted.
base::Result<void> AttributionPass::attribute(const Plan& plan, std::uint64_t pass) {
  const Range old{settled_end_, plan.settle_end};
  const Range recent{plan.settle_end, plan.has_backlog() ? plan.settle_end : plan.recent_end};
  TALLY_TRY(run_step(embedded::attribution_clicks(), kClicks, old, pass));
  TALLY_TRY(run_step(embedded::attribution_revisions(), kClicks, old, pass));
  TALLY_TRY(run_step(embedded::attribution_clicks(), kRecentClicks, recent, pass));
  TALLY_TRY(run_step(embedded::attribution_revisions(), kRecentClicks, recent, pass));
  TALLY_TRY(run_step(embedded::attribution_claims(), kClaims, {old.first, recent.end}, pass));
  TALLY_TRY(run_step(embedded::attribution_shares(), kShares, old, pass));
  TALLY_TRY(run_step(embedded::attribution_shares(), kRecentShares, recent, pass));
  return drop_partition(kClaims, pass);  // it holds pseudonyms
}

base::Result<void> AttributionPass::run_step(std::string_view text,
                                             std::string_view target,
                                             Range range,
                                             std::uint64_t pass) {
  if (range.first == range.end) {
    return {};
  }
  const Parameters parameters{{"log_id", std::to_string(log_id_)},
                              {"first", std::to_string(range.first)},
                              {"end", std::to_string(range.end)},
                              {"pass", std::to_string(pass)},
                              {"decay", fmt::format("[{}]", fmt::join(kDecayWeights, ","))}};
  const std::string spill = std::to_string(settings_.max_memory_bytes / 2);
  const QueryOptions options{.database = layout_.database(),
                             .query_id = query_id(next_query_++ % kQueryIds),
                             .timeout_ms = settings_.timeout_ms,
                             .settings = {{"max_memory_usage", std::to_string(settings_.max_memory_bytes)},
                                          {"max_bytes_before_external_group_by", spill},
                                          {"max_bytes_before_external_sort", spill},
                                          {"insert_deduplicate", "0"},
                                          {"distributed_foreground_insert", "1"}}};
  return client_.execute(layout_.render_statement(with_target(text, target)), parameters, options);
}

std::string AttributionPass::query_id(std::size_t number) const {
  return fmt::format("attribution-{}-{:08x}-{}", layout_.database(), log_id_, number);
}

base::Result<void> AttributionPass::save(PositionState state, const Plan& plan) {
  ++version_;
  return save_position(client_,
                       layout_,
                       Position{.log_id = log_id_,
                                .stage = Stage::kSettle,
                                .version = version_,
                                .state = state,
                                .first = settled_end_,
                                .end = plan.settle_end,
                                .frontier = plan.has_backlog() ? plan.oldest_unsettled : plan.horizon});
}

// What a statement of a dead process still writes would come after the taking back, so it is ended first.
base::Result<void> AttributionPass::recover() {
  for (std::size_t number = 0; number < kQueryIds; ++number) {
    TALLY_TRY(client_.cancel(query_id(number)));
  }
  last_plan_.reset();
  TALLY_ASSIGN(const std::optional<Position> position, load_position(client_, layout_, log_id_, Stage::kSettle));
  if (position) {
    const bool is_begun = position->state == PositionState::kBegun;
    TALLY_ASSIGN(published_, load_published());
    TALLY_TRY(take_back(is_begun ? position->version : position->version + 1));
    settled_end_ = is_begun ? position->first : position->end;
    version_ = std::max(version_, position->version);
  }
  is_recovered_ = true;
  return {};
}

base::Result<std::uint64_t> AttributionPass::load_published() {
  const std::string sql =
      fmt::format("SELECT max(version) AS pass FROM {} WHERE log_id = {} AND stage = 'settle' AND state = 'done'",
                  layout_.table("load_positions"),
                  log_id_);
  TALLY_ASSIGN(const Rows rows, client_.query(sql));
  return rows.unsigned_integer(0, "pass");
}

base::Result<void> AttributionPass::take_back(std::uint64_t from_pass) {
  const std::string rows = fmt::format("log_id = {} AND pass >= {}", log_id_, from_pass);
  for (const std::string_view table : {kClicks, kShares}) {
    TALLY_ASSIGN(const Rows left,
                 client_.query(fmt::format("SELECT count() AS n FROM {} WHERE {}", layout_.table(table), rows)));
    if (left.integer(0, "n") != 0) {
      TALLY_TRY(client_.execute(
          fmt::format("ALTER TABLE {} DELETE WHERE {}", layout_.stored_table(table), rows),
          {},
          {.timeout_ms = settings_.timeout_ms, .settings = {{"mutations_sync", "2"}}, .is_repeatable = true}));
    }
  }
  for (const std::string_view table : kTablesOfOnePass) {
    TALLY_ASSIGN(
        const Rows passes,
        client_.query(fmt::format("SELECT DISTINCT pass FROM {} WHERE log_id = {}", layout_.table(table), log_id_)));
    for (std::size_t row = 0; row < passes.size(); ++row) {
      const std::uint64_t pass = passes.unsigned_integer(row, "pass");
      const bool may_be_read =
          pass == published_ || std::ranges::find(superseded_, pass, &Superseded::pass) != superseded_.end();
      if (table == kClaims || !may_be_read) {
        TALLY_TRY(drop_partition(table, pass));
      }
    }
  }
  return {};
}

base::Result<void> AttributionPass::drop_partition(std::string_view table, std::uint64_t pass) {
  return client_.execute(
      fmt::format("ALTER TABLE {} DROP PARTITION ({}, {})", layout_.stored_table(table), log_id_, pass),
      {},
      {.is_repeatable = true});
}

base::Result<void> AttributionPass::drop_superseded() {
  const std::int64_t now_us = clock_.monotonic_us();
  while (!superseded_.empty() && superseded_.front().since_us + settings_.reader_grace_us <= now_us) {
    TALLY_TRY(drop_partition(kRecentClicks, superseded_.front().pass));
    TALLY_TRY(drop_partition(kRecentShares, superseded_.front().pass));
    superseded_.erase(superseded_.begin());
  }
  return {};
}

void AttributionPass::adapt(const base::Error& error) {
  if (is_too_much(error)) {
    halvings_ = std::min(halvings_ + 1, kMaxHalvings);
  }
}

}  // namespace tallystick::warehouse
