#include "warehouse/load_writer.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "warehouse/load_statements.h"
#include "warehouse/positions.h"
#include "warehouse/rebuild.h"

namespace tallystick::warehouse {
namespace {

// Retention moves on every hour, and each time a part of the tables is written anew: twice a day is soon enough. The
// tables' own TTL says the same.
constexpr std::int64_t kRetentionIntervalUs = 12 * base::kMicrosPerHour;

template <typename Visit>
base::Result<void> for_each_list(std::span<const std::uint64_t> sequences, Visit visit) {
  while (!sequences.empty()) {
    const auto list = sequences.first(std::min(sequences.size(), kMaxListed));
    TALLY_TRY(visit(list));
    sequences = sequences.subspan(list.size());
  }
  return {};
}

// Ascending, each once.
void add_days(const std::vector<std::uint16_t>& more, std::vector<std::uint16_t>& days) {
  days.insert(days.end(), more.begin(), more.end());
  std::ranges::sort(days);
  days.erase(std::unique(days.begin(), days.end()), days.end());
}

}  // namespace

LoadWriter::LoadWriter(
    Client& client, Layout layout, std::uint32_t log_id, const base::Clock& clock, const LoadStart& start)
    : client_(client),
      layout_(std::move(layout)),
      log_id_(log_id),
      clock_(clock),
      version_(start.version),
      frontier_(start.frontier),
      revised_classes_(start.first),
      tally_(log_id) {}

base::Result<void> LoadWriter::save(PositionState state,
                                    const LoadBatch& batch,
                                    const std::vector<std::uint16_t>& days) {
  version_ = next_version(version_, clock_);
  return save_position(client_,
                       layout_,
                       {.log_id = log_id_,
                        .stage = Stage::kLoad,
                        .version = version_,
                        .state = state,
                        .first = batch.first,
                        .end = batch.end,
                        .days = days,
                        .frontier = frontier_});
}

base::Result<void> LoadWriter::write(LoadBatch& batch, const std::function<void()>& taken) {
  TALLY_ASSIGN(std::vector<std::uint16_t> erased_days, find_erased_days(batch));
  std::vector<std::uint16_t> days;
  for (const std::int64_t day : batch.days.days()) {
    days.push_back(static_cast<std::uint16_t>(day));
  }
  if (std::ranges::any_of(batch.erased_sequences, [&](std::uint64_t erased) { return erased >= batch.first; })) {
    add_days(days, erased_days);  // of rows that are about to be inserted as they were before they were erased
  }
  add_days(erased_days, days);
  TALLY_TRY(save(PositionState::kBegun, batch, days));
  if (!batch.impressions.has_order()) {
    batch.impressions.set_order(order_.make_of(batch.impressions));
  }
  // Impressions take the longest by far: they are counted while they are written down, and the others are in when they
  // are.
  std::atomic<int> users = 2;  // of the impressions' memory
  const auto let_go = [&] {
    if (--users == 0 && taken) {
      taken();
    }
  };
  auto impressions =
      std::async(std::launch::async, [&] { return insert("impressions", batch.impressions, batch.first, let_go); });
  tally_.clear();
  tally_.add_impressions(batch.impressions);
  let_go();
  auto others = insert_others(batch);
  TALLY_TRY(impressions.get());
  TALLY_TRY(std::move(others));
  TALLY_TRY(erase(batch, erased_days));
  frontier_ = std::max(frontier_, batch.frontier);
  return save(PositionState::kDone, batch, {});
}

void LoadWriter::give_back_memory() {
  order_ = {};
  revisions_ = make_revision_block();
  tally_ = AggregateTally(log_id_);
  client_.give_back_memory();
}

base::Result<void> LoadWriter::insert_others(const LoadBatch& batch) {
  TALLY_TRY(insert("clicks", batch.clicks, batch.first));
  TALLY_TRY(insert("conversions", batch.conversions, batch.first));
  TALLY_TRY(insert("forwardings", batch.forwardings, batch.first));
  TALLY_TRY(insert_revisions(batch));
  return insert_counts(batch);
}

base::Result<void> LoadWriter::insert_counts(const LoadBatch& batch) {
  tally_.add_clicks(batch.clicks);
  tally_.add_forwardings(batch.forwardings);
  tally_.finish();
  TALLY_TRY(insert("exposure_hourly", tally_.exposure_hourly(), batch.first));
  TALLY_TRY(insert("placement_hourly", tally_.placement_hourly(), batch.first));
  TALLY_TRY(insert("exposure_daily", tally_.exposure_daily(), batch.first));
  TALLY_TRY(insert("exposure_users_daily", tally_.exposure_users_daily(), batch.first));
  TALLY_TRY(insert("placement_daily", tally_.placement_daily(), batch.first));
  TALLY_TRY(insert("placement_weekly", tally_.placement_weekly(), batch.first));
  return insert("click_hourly", tally_.click_hourly(), batch.first);
}

base::Result<void> LoadWriter::insert(std::string_view table,
                                      const Block& block,
                                      std::uint64_t first,
                                      const std::function<void()>& taken) {
  const QueryOptions options{.query_id = make_load_query_id(layout_, log_id_, first, table),
                             .settings = {{"max_partitions_per_insert_block", "0"},
                                          {"optimize_on_insert", "0"}}};  // there is about one row a key
  return client_.insert(layout_.table(table), block, options, taken);
}

// Of the events that are judged anew, those that may have been before this loader's time.
base::Result<void> LoadWriter::load_revised_classes(const LoadBatch& batch) {
  std::vector<std::uint64_t> sequences;
  for (const RevisionRow& row : batch.revisions) {
    if (!revised_classes_.knows(row.revised_sequence)) {
      sequences.push_back(row.revised_sequence);
    }
  }
  std::ranges::sort(sequences);
  sequences.erase(std::unique(sequences.begin(), sequences.end()), sequences.end());
  return for_each_list(sequences, [&](std::span<const std::uint64_t> list) -> base::Result<void> {
    TALLY_ASSIGN(
        const Rows rows,
        client_.query(fmt::format("SELECT revised_sequence, toInt8(argMax(new_class, sequence)) AS class FROM {} "
                                  "WHERE log_id = {} AND {} GROUP BY revised_sequence",
                                  layout_.table("verdict_revisions"),
                                  log_id_,
                                  make_list_condition("revised_sequence", list))));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      revised_classes_.remember(rows.unsigned_integer(row, 0),
                                static_cast<journal::VerdictClass>(rows.integer(row, 1)));
    }
    return {};
  });
}

base::Result<void> LoadWriter::insert_revisions(const LoadBatch& batch) {
  if (batch.revisions.empty()) {
    return {};
  }
  revised_classes_.begin(batch.first);
  TALLY_TRY(load_revised_classes(batch));
  revisions_.clear();
  for (const RevisionRow& row : batch.revisions) {
    const journal::VerdictClass old_class =
        revised_classes_.find(row.revised_sequence).value_or(row.event.verdict_class);
    append_revision(revisions_, row, old_class);
    tally_.add_revision(row, old_class);
    revised_classes_.remember(row.revised_sequence, row.verdict.klass);
  }
  return insert("verdict_revisions", revisions_, batch.first);
}

// The days whose sketches of users and sessions hold what is about to be erased. By retention they keep it: a sketch of
// everybody of a day, from before the period, is what unique figures of old days are read from.
base::Result<std::vector<std::uint16_t>> LoadWriter::find_erased_days(const LoadBatch& batch) {
  std::vector<std::uint16_t> days;
  TALLY_TRY(for_each_list(batch.erased_sequences, [&](std::span<const std::uint64_t> list) -> base::Result<void> {
    TALLY_ASSIGN(const Rows rows,
                 client_.query(fmt::format("SELECT DISTINCT toUInt16(toDate(occurred_at, 'UTC')) AS day FROM {} "
                                           "WHERE log_id = {} AND (user != 0 OR session != 0) AND {}",
                                           layout_.table("impressions"),
                                           log_id_,
                                           make_list_condition("sequence", list))));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      days.push_back(static_cast<std::uint16_t>(rows.integer(row, 0)));
    }
    return {};
  }));
  add_days({}, days);
  return days;
}

base::Result<void> LoadWriter::erase_where(std::string_view condition, std::uint64_t first, Wait wait) {
  QueryOptions options{.query_id = make_load_query_id(layout_, log_id_, first, kEraseStep)};
  if (wait == Wait::kNo) {
    options.settings = {{"mutations_sync", "0"}};
  }
  for (const std::string_view table : kPersonalTables) {
    TALLY_TRY(client_.execute(make_erase(layout_, table, log_id_, condition), {}, options));
  }
  return {};
}

base::Result<void> LoadWriter::erase(const LoadBatch& batch, const std::vector<std::uint16_t>& days) {
  TALLY_TRY(for_each_list(batch.erased_sequences, [&](std::span<const std::uint64_t> list) {
    return erase_where(make_list_condition("sequence", list), batch.first, Wait::kYes);
  }));
  for (const std::uint16_t day : days) {  // one by one: reports miss a day for a moment, not all of them
    TALLY_TRY(rebuild_days(client_, layout_, log_id_, std::span(&day, 1)));
  }
  if (batch.erased_below > 0 && clock_.monotonic_us() >= next_retention_us_) {
    // A change of a whole table waits for the merges that it has under way, and events would wait with it. The server
    // keeps it, also when it dies, until it is made.
    TALLY_TRY(erase_where(fmt::format("sequence < {}", batch.erased_below), batch.first, Wait::kNo));
    next_retention_us_ = clock_.monotonic_us() + kRetentionIntervalUs;
  }
  return {};
}

}  // namespace tallystick::warehouse
