// Events that are loaded, and what is counted of them on the way: figures worked out by hand, and the same ones made
// from the tables by the engine.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/warehouse/live/live_fixture.h"
#include "warehouse/load_writer.h"
#include "warehouse/rebuild.h"

namespace tallystick::warehouse {
namespace {

constexpr const char* kHome = "00000000-0000-4000-8000-000000000001";
constexpr const char* kSearch = "00000000-0000-4000-8000-000000000002";
constexpr const char* kAcme = "00000000-0000-4000-9000-000000000001";
constexpr const char* kZeta = "00000000-0000-4000-9000-000000000002";
constexpr const char* kNil = "00000000-0000-0000-0000-000000000000";
constexpr const char* kPartner = "00000000-0000-4000-a000-000000000001";
constexpr const char* kLink = "00000000-0000-4000-b000-000000000001";

using enum journal::VerdictClass;
using enum journal::ImpressionState;

base::Uuid id(std::string_view text) {
  return base::parse_uuid(text).value();
}

base::Timestamp time(std::string_view text) {
  return base::parse_rfc3339(text).value();
}

struct Shown {
  std::uint64_t sequence;
  const char* at;
  const char* placement;
  const char* merchant;
  journal::ImpressionState state;
  std::optional<std::uint32_t> rank;
  journal::VerdictClass verdict;
  std::uint64_t user;
  std::uint64_t session;
  std::uint16_t slots_filled;
};

class LiveAggregates : public Live {
 protected:
  static constexpr std::uint32_t kLog = 7;

  LiveAggregates() : layout_(make_schema()) {}

  void show(LoadBatch& batch, std::initializer_list<Shown> rows, std::uint32_t log_id = kLog) const {
    for (const Shown& row : rows) {
      journal::Impression event;
      event.occurred_at = time(row.at);
      event.placement_id = id(row.placement);
      event.merchant_id = id(row.merchant);
      event.state = row.state;
      event.rank_position = row.rank;
      event.verdict.klass = row.verdict;
      append_impression(batch.impressions,
                        {.log_id = log_id, .sequence = row.sequence, .event_id = {}, .received_at = now_},
                        event,
                        {.user = row.user, .session = row.session});
      set_slots_filled(batch.impressions, batch.impressions.rows() - 1, row.slots_filled);
      batch.days.add(event.occurred_at);
    }
  }

  // Five impressions on two days, recorded just now: pseudonyms have a time of their own.
  [[nodiscard]] LoadBatch shown() const {
    LoadBatch batch;
    batch.begin_at(0);
    show(batch,
         {{1, "2026-10-20T10:59:59.999999Z", kHome, kAcme, kViewable, 0, kValid, 11, 21, 1},
          {2, "2026-10-20T11:00:00Z", kHome, kAcme, kMeasurable, 3, kValid, 12, 22, 1},
          {3, "2026-10-20T11:30:00Z", kHome, kZeta, kServed, {}, kValid, 11, 21, 2},
          {4, "2026-10-20T11:40:00Z", kHome, kNil, kServed, {}, kGivt, 0, 0, 0},
          {5, "2026-10-21T00:00:00Z", kSearch, kAcme, kViewable, 5, kValid, 11, 23, 1}});
    batch.end = 6;
    return batch;
  }

  static void revise(LoadBatch& batch,
                     std::uint64_t sequence,
                     journal::RecordKind kind,
                     std::uint64_t revised,
                     journal::VerdictClass new_class,
                     const EventDimensions& event) {
    RevisionRow row;
    row.head = {.log_id = kLog, .sequence = sequence, .event_id = {}, .received_at = event.occurred_at};
    row.revised_sequence = revised;
    row.event_kind = kind;
    row.detector = "replay";
    row.verdict.klass = new_class;
    row.event = event;
    batch.revisions.push_back(row);
    batch.days.add(event.occurred_at);
  }
  static void revise_impression_2(LoadBatch& batch, std::uint64_t sequence, journal::VerdictClass new_class) {
    revise(batch,
           sequence,
           journal::RecordKind::kImpression,
           2,
           new_class,
           {.occurred_at = time("2026-10-20T11:00:00Z"),
            .placement_id = id(kHome),
            .merchant_id = id(kAcme),
            .state = kMeasurable,
            .rank_position = 3,
            .verdict_class = kValid});
  }

  void write(LoadBatch batch, LoadWriter& writer) {
    const auto done = writer.write(batch);
    ASSERT_TRUE(done) << done.error().message;
  }
  void write(LoadBatch batch) { write(std::move(batch), writer_); }

  // "column=value ..." of the aggregates' sums, a line each.
  [[nodiscard]] std::string sums(const std::string& table, const std::string& keys, const std::string& figures) {
    const Rows rows =
        select(fmt::format("SELECT concat(toString(({})), ' ', toString(({}))) AS line FROM {} GROUP BY {} "
                           "HAVING ({}) != ({}) ORDER BY {}",
                           keys,
                           figures,
                           layout_.table(table),
                           keys,
                           figures,
                           zeros(figures),
                           keys));
    std::string out;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      out.append(rows.text(row, "line")).append("\n");
    }
    return out;
  }

  [[nodiscard]] std::string hourly() {
    return sums("exposure_hourly",
                "toString(hour), right(toString(placement_id), 1), right(toString(merchant_id), 1), verdict_class",
                "sum(impressions), sum(measurable), sum(viewable), sum(rank_sum), sum(rank_count)");
  }
  [[nodiscard]] std::string by_placement() {
    return sums("placement_hourly",
                "toString(hour), right(toString(placement_id), 1), verdict_class",
                "sum(impressions), sum(measurable), sum(viewable)");
  }
  [[nodiscard]] std::string daily() {
    return sums("exposure_daily",
                "toString(day), right(toString(placement_id), 1), right(toString(merchant_id), 1), verdict_class",
                "sum(impressions), sum(rank_sum), sum(rank_count)");
  }
  [[nodiscard]] std::string users_daily() {
    return sums("exposure_users_daily",
                "toString(day), right(toString(placement_id), 1), right(toString(merchant_id), 1), basis",
                "uniqCombined64Merge(14)(users)");
  }
  [[nodiscard]] std::string placements_daily() {
    return sums("placement_daily",
                "toString(day), right(toString(placement_id), 1), basis",
                "sum(impressions), max(slots_max), uniqCombined64Merge(14)(users), uniqCombined64Merge(13)(sessions), "
                "uniqCombined64Merge(13)(session_merchants)");
  }
  [[nodiscard]] std::string placements_weekly() {
    return sums("placement_weekly",
                "toString(week), right(toString(placement_id), 1), basis",
                "max(slots_max), uniqCombined64Merge(14)(users), uniqCombined64Merge(13)(sessions), "
                "uniqCombined64Merge(13)(session_merchants)");
  }
  [[nodiscard]] std::string clicks() {
    return sums("click_hourly",
                "toString(hour), right(toString(merchant_id), 1), verdict_class",
                "sum(clicks), sum(forwarded), sum(failed)");
  }
  [[nodiscard]] std::string everything() {
    return hourly() + by_placement() + daily() + users_daily() + placements_daily() + placements_weekly() + clicks();
  }

  static std::string zeros(const std::string& figures) {
    std::string out = "0";
    int depth = 0;
    for (const char c : figures) {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      out += c == ',' && depth == 0 ? ", 0" : "";
    }
    return out;
  }

  base::SystemClock clock_;
  Layout layout_;
  LoadWriter writer_{client_, layout_, kLog, clock_, {}};
};

TEST_P(LiveAggregates, ImpressionsAreCountedOnceInEveryAggregate) {
  write(shown());
  EXPECT_EQ(hourly(),
            "('2026-10-20 10:00:00','1','1','valid') (1,1,1,0,1)\n"
            "('2026-10-20 11:00:00','1','0','givt') (1,0,0,0,0)\n"
            "('2026-10-20 11:00:00','1','1','valid') (1,1,0,3,1)\n"
            "('2026-10-20 11:00:00','1','2','valid') (1,0,0,0,0)\n"
            "('2026-10-21 00:00:00','2','1','valid') (1,1,1,5,1)\n");
  EXPECT_EQ(by_placement(),
            "('2026-10-20 10:00:00','1','valid') (1,1,1)\n"
            "('2026-10-20 11:00:00','1','valid') (2,1,0)\n"
            "('2026-10-20 11:00:00','1','givt') (1,0,0)\n"
            "('2026-10-21 00:00:00','2','valid') (1,1,1)\n");
  // The impression without a merchant is not here.
  EXPECT_EQ(daily(),
            "('2026-10-20','1','1','valid') (2,3,2)\n"
            "('2026-10-20','1','2','valid') (1,0,0)\n"
            "('2026-10-21','2','1','valid') (1,5,1)\n");
  // Two users saw Acme at home: 11 and 12. The crawler has no user.
  EXPECT_EQ(users_daily(),
            "('2026-10-20','1','1','net') 2\n"
            "('2026-10-20','1','1','gross') 2\n"
            "('2026-10-20','1','2','net') 1\n"
            "('2026-10-20','1','2','gross') 1\n"
            "('2026-10-21','2','1','net') 1\n"
            "('2026-10-21','2','1','gross') 1\n");
  // Session 21 saw two merchants, 22 one: three pairs over two sessions.
  EXPECT_EQ(placements_daily(),
            "('2026-10-20','1','net') (3,2,2,2,3)\n"
            "('2026-10-20','1','gross') (4,2,2,2,3)\n"
            "('2026-10-21','2','net') (1,1,1,1,1)\n"
            "('2026-10-21','2','gross') (1,1,1,1,1)\n");
  EXPECT_EQ(placements_weekly(),
            "('2026-10-19','1','net') (2,2,2,3)\n"
            "('2026-10-19','1','gross') (2,2,2,3)\n"
            "('2026-10-19','2','net') (1,1,1,1)\n"
            "('2026-10-19','2','gross') (1,1,1,1)\n");
}

// In two batches of one log and one of another: days and weeks of all of them merge.
TEST_P(LiveAggregates, ASessionCountsOnceADayAndAUserOnceAWeek) {
  const auto write_shown = [this](std::uint64_t sequence, const char* at, std::uint64_t session, LoadWriter& writer) {
    LoadBatch batch;
    batch.begin_at(sequence);
    show(batch, {{sequence, at, kHome, kAcme, kServed, 1, kValid, 11, session, 1}});
    batch.end = sequence + 1;
    write(std::move(batch), writer);
  };
  LoadWriter other(client_, layout_, 8, clock_, {});
  write_shown(1, "2026-10-20T10:00:00Z", 21, writer_);  // a Tuesday
  write_shown(2, "2026-10-20T11:00:00Z", 21, writer_);
  write_shown(1, "2026-10-20T12:00:00Z", 21, other);
  write_shown(3, "2026-10-21T10:00:00Z", 21, writer_);
  write_shown(4, "2026-10-25T23:59:59Z", 22, writer_);  // the Sunday
  write_shown(5, "2026-10-26T00:00:00Z", 22, writer_);
  EXPECT_EQ(placements_weekly(),
            "('2026-10-19','1','net') (1,1,3,3)\n"
            "('2026-10-19','1','gross') (1,1,3,3)\n"
            "('2026-10-26','1','net') (1,1,1,1)\n"
            "('2026-10-26','1','gross') (1,1,1,1)\n");
}

TEST_P(LiveAggregates, ARevisionMovesAnImpressionFromOneClassToTheOther) {
  LoadBatch batch = shown();
  revise_impression_2(batch, 9, kSivt);
  batch.end = 10;
  write(std::move(batch));
  EXPECT_EQ(hourly(),
            "('2026-10-20 10:00:00','1','1','valid') (1,1,1,0,1)\n"
            "('2026-10-20 11:00:00','1','0','givt') (1,0,0,0,0)\n"
            "('2026-10-20 11:00:00','1','1','sivt') (1,1,0,3,1)\n"
            "('2026-10-20 11:00:00','1','2','valid') (1,0,0,0,0)\n"
            "('2026-10-21 00:00:00','2','1','valid') (1,1,1,5,1)\n");
  EXPECT_EQ(by_placement(),
            "('2026-10-20 10:00:00','1','valid') (1,1,1)\n"
            "('2026-10-20 11:00:00','1','valid') (1,0,0)\n"
            "('2026-10-20 11:00:00','1','givt') (1,0,0)\n"
            "('2026-10-20 11:00:00','1','sivt') (1,1,0)\n"
            "('2026-10-21 00:00:00','2','valid') (1,1,1)\n");
  EXPECT_EQ(daily(),
            "('2026-10-20','1','1','valid') (1,0,1)\n"
            "('2026-10-20','1','1','sivt') (1,3,1)\n"
            "('2026-10-20','1','2','valid') (1,0,0)\n"
            "('2026-10-21','2','1','valid') (1,5,1)\n");
  // The user and the session stay where they were first: a sketch takes nothing back.
  EXPECT_EQ(placements_daily(),
            "('2026-10-20','1','net') (2,2,2,2,3)\n"
            "('2026-10-20','1','gross') (4,2,2,2,3)\n"
            "('2026-10-21','2','net') (1,1,1,1,1)\n"
            "('2026-10-21','2','gross') (1,1,1,1,1)\n");
}

// Whoever remembers it: the writer of the first revision, or the warehouse.
TEST_P(LiveAggregates, ALaterRevisionTakesTheEventFromWhereTheOneBeforePutIt) {
  write(shown());
  LoadBatch first;
  first.begin_at(6);
  revise_impression_2(first, 6, kSivt);
  first.end = 7;
  write(std::move(first));
  LoadBatch second;
  second.begin_at(7);
  revise_impression_2(second, 7, kGivt);
  second.end = 8;
  write(std::move(second));
  const auto impression_2 = [this] {
    return select("SELECT toString(verdict_class) FROM " + layout_.table("exposure_daily") +
                  " WHERE rank_sum != 0 AND day = '2026-10-20' GROUP BY verdict_class HAVING sum(rank_sum) != 0")
        .text(0, 0);
  };
  EXPECT_EQ(impression_2(), "givt");
  LoadWriter another(client_, layout_, kLog, clock_, {.first = 8});
  LoadBatch third;
  third.begin_at(8);
  revise_impression_2(third, 8, kSuspect);
  third.end = 9;
  write(std::move(third), another);
  EXPECT_EQ(impression_2(), "suspect");
  EXPECT_EQ(number("SELECT sum(impressions) FROM " + layout_.table("exposure_daily")), 4);
}

TEST_P(LiveAggregates, ClicksTheirForwardingsAndRevisionsMeet) {
  LoadBatch batch;
  batch.begin_at(1);
  const base::Timestamp at = time("2026-10-20T10:20:00Z");
  journal::Click click;
  click.partner_id = id(kPartner);
  click.link_id = id(kLink);
  const auto head = [&](std::uint64_t sequence) {
    return RowHead{.log_id = kLog, .sequence = sequence, .event_id = {}, .received_at = at};
  };
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    append_click(batch.clicks, head(sequence), click, {});
  }
  const EventDimensions event = dimensions_of(click, at);
  append_forwarding(batch.forwardings, head(4), 1, journal::ForwardingState::kForwarded, event);
  append_forwarding(batch.forwardings, head(4), 2, journal::ForwardingState::kFailed, event);
  revise(batch, 5, journal::RecordKind::kClick, 3, kSuspect, event);
  revise(batch, 6, journal::RecordKind::kClick, 1, kValid, event);  // with the same outcome: nothing moves
  batch.days.add(at);
  batch.end = 7;
  write(std::move(batch));
  EXPECT_EQ(clicks(),
            "('2026-10-20 10:00:00','0','valid') (2,1,1)\n"
            "('2026-10-20 10:00:00','0','suspect') (1,0,0)\n");
}

TEST_P(LiveAggregates, RebuiltDaysAreWhatWasCounted) {
  LoadBatch batch = shown();
  revise_impression_2(batch, 9, kSivt);
  batch.end = 10;
  write(std::move(batch));
  LoadBatch other;
  other.begin_at(0);
  show(other, {{1, "2026-10-20T10:30:00Z", kHome, kAcme, kServed, 1, kValid, 99, 98, 1}}, 8);
  other.end = 2;
  LoadWriter other_writer(client_, layout_, 8, clock_, {});
  write(std::move(other), other_writer);
  const std::string before = everything();
  // What a batch leaves behind that was cut off: its aggregates, without the raw rows that were taken back.
  run(
      fmt::format("INSERT INTO {} (log_id, hour, placement_id, merchant_id, verdict_class, impressions) SELECT 7, "
                  "'2026-10-20 11:00:00', '{}', '{}', 'valid', 1000",
                  layout_.table("exposure_hourly"),
                  kHome,
                  kAcme));
  EXPECT_NE(everything(), before);
  const std::array<std::uint16_t, 2> days = {20'746, 20'747};  // 2026-10-20 is day 20746 since 1970
  for (int repetition = 0; repetition < 2; ++repetition) {
    const auto done = rebuild_days(client_, layout_, kLog, days);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(everything(), before);
  }
}

// Thousands of events of any kind, in several batches: our sums and the engine's of the same rows are alike to the last
// user.
TEST_P(LiveAggregates, WhatIsCountedIsWhatTheTablesHold) {
  std::mt19937_64 random(20'261'129);
  const auto below = [&](std::uint64_t limit) {
    return random() % limit;
  };
  const auto some_id = [&](std::uint8_t kind, std::uint64_t count) {
    base::Uuid made;
    made.bytes.fill(static_cast<std::uint8_t>(below(count)));
    made.bytes[3] = kind;
    made.bytes[12] = kind;
    return below(10) == 0 ? base::Uuid{} : made;
  };
  const base::Timestamp start = time("2026-10-19T20:00:00Z");
  std::vector<std::pair<std::uint64_t, EventDimensions>> events;
  std::uint64_t sequence = 0;
  for (int batches = 0; batches < 3; ++batches) {
    LoadBatch batch;
    batch.begin_at(sequence);
    for (int i = 0; i < 6'000; ++i, ++sequence) {
      journal::Impression event;
      event.occurred_at = start + static_cast<std::int64_t>(below(40 * 3'600'000'000));
      event.placement_id = some_id(1, 3);
      event.merchant_id = some_id(2, 4);
      event.partner_id = some_id(3, 2);
      event.state = static_cast<journal::ImpressionState>(below(3));
      event.rank_position = below(4) == 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(below(9)));
      event.verdict.klass = static_cast<journal::VerdictClass>(below(4));
      const RowHead head{.log_id = kLog, .sequence = sequence, .event_id = {}, .received_at = now_};
      append_impression(batch.impressions, head, event, {.user = below(1'500), .session = below(700)});
      set_slots_filled(batch.impressions, batch.impressions.rows() - 1, static_cast<std::uint16_t>(below(5)));
      batch.days.add(event.occurred_at);
      events.emplace_back(sequence, dimensions_of(event));
      if (below(9) == 0) {
        const auto& [revised, dimensions] = events[below(events.size())];
        revise(batch,
               ++sequence,
               journal::RecordKind::kImpression,
               revised,
               static_cast<journal::VerdictClass>(below(4)),
               dimensions);
      }
      if (below(6) == 0) {
        journal::Click click;
        click.partner_id = some_id(3, 2);
        click.link_id = some_id(4, 2);
        click.merchant_id = some_id(2, 4);
        click.verdict.klass = static_cast<journal::VerdictClass>(below(4));
        append_click(batch.clicks, {kLog, ++sequence, {}, event.occurred_at}, click, {});
        append_forwarding(batch.forwardings,
                          {kLog, ++sequence, {}, event.occurred_at},
                          sequence - 1,
                          below(2) == 0 ? journal::ForwardingState::kForwarded : journal::ForwardingState::kFailed,
                          dimensions_of(click, event.occurred_at));
      }
    }
    batch.end = sequence;
    write(std::move(batch));
  }
  const std::string counted = everything();
  EXPECT_GT(std::ranges::count(counted, '\n'), 1'000);
  const std::array<std::uint16_t, 3> days = {20'745, 20'746, 20'747};
  const auto done = rebuild_days(client_, layout_, kLog, days);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(everything(), counted);
}

TALLY_OVER_BOTH(LiveAggregates);

}  // namespace
}  // namespace tallystick::warehouse
