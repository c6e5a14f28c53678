// Inserted events and revisions, and the aggregates that the views make of them; every figure worked out by hand.
#include <array>
#include <initializer_list>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/warehouse/live/live_fixture.h"
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

struct Shown {
  int sequence;
  const char* at;
  const char* placement;
  const char* merchant;
  const char* state;
  int rank;
  const char* verdict;
  int user;
  int session;
  int slots_filled;
};

class LiveViews : public Live {
 protected:
  LiveViews() : layout_(make_schema()) {}

  void show(std::initializer_list<Shown> rows, int log_id = 7) {
    std::string values;
    for (const Shown& row : rows) {
      values += fmt::format("{}SELECT {}, {}, now64(6), '{}', '{}', '{}', '{}', {}, -1, '{}', {}, {}, {}",
                            values.empty() ? "" : " UNION ALL ",
                            log_id,
                            row.sequence,
                            row.at,
                            row.placement,
                            row.merchant,
                            row.state,
                            row.rank,
                            row.verdict,
                            row.user,
                            row.session,
                            row.slots_filled);
    }
    run(
        fmt::format("INSERT INTO {} (log_id, sequence, received_at, occurred_at, placement_id, merchant_id, state, "
                    "rank_position, total_items_in_list, verdict_class, user, session, slots_filled) {}",
                    layout_.table("impressions"),
                    values));
  }

  // Five impressions on two days; times within the retention.
  void show_all() {
    show({{1, "2026-10-20 10:59:59.999999", kHome, kAcme, "viewable", 0, "valid", 11, 21, 1},
          {2, "2026-10-20 11:00:00", kHome, kAcme, "measurable", 3, "valid", 12, 22, 1},
          {3, "2026-10-20 11:30:00", kHome, kZeta, "served", -1, "valid", 11, 21, 2},
          {4, "2026-10-20 11:40:00", kHome, kNil, "served", -1, "givt", 0, 0, 0},
          {5, "2026-10-21 00:00:00", kSearch, kAcme, "viewable", 5, "valid", 11, 23, 1}});
  }

  void revise_impression_2() {
    run(fmt::format(
        "INSERT INTO {} (log_id, sequence, received_at, revised_sequence, event_kind, detector, old_class, "
        "new_class, occurred_at, placement_id, merchant_id, state, rank_position) SELECT 7, 9, now64(6), 2, "
        "'impression', 'replay', 'valid', 'sivt', '2026-10-20 11:00:00', '{}', '{}', 'measurable', 3",
        layout_.table("verdict_revisions"),
        kHome,
        kAcme));
  }

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
                "sum(impressions), sum(rank_sum), sum(rank_count), uniqCombined64Merge(14)(users)");
  }
  [[nodiscard]] std::string placements_daily() {
    return sums("placement_daily",
                "toString(day), right(toString(placement_id), 1), verdict_class",
                "sum(impressions), max(slots_max), uniqCombined64Merge(14)(users), uniqCombined64Merge(12)(sessions), "
                "uniqCombined64Merge(12)(session_merchants)");
  }
  [[nodiscard]] std::string clicks() {
    return sums("click_hourly", "toString(hour), verdict_class", "sum(clicks), sum(forwarded), sum(failed)");
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

  Layout layout_;
};

constexpr const char* kHourly =
    "('2026-10-20 10:00:00','1','1','valid') (1,1,1,0,1)\n"
    "('2026-10-20 11:00:00','1','0','givt') (1,0,0,0,0)\n"
    "('2026-10-20 11:00:00','1','1','valid') (1,1,0,3,1)\n"
    "('2026-10-20 11:00:00','1','2','valid') (1,0,0,0,0)\n"
    "('2026-10-21 00:00:00','2','1','valid') (1,1,1,5,1)\n";

TEST_P(LiveViews, ImpressionsAreCountedOnceInEveryAggregate) {
  show_all();
  EXPECT_EQ(hourly(), kHourly);
  EXPECT_EQ(by_placement(),
            "('2026-10-20 10:00:00','1','valid') (1,1,1)\n"
            "('2026-10-20 11:00:00','1','valid') (2,1,0)\n"
            "('2026-10-20 11:00:00','1','givt') (1,0,0)\n"
            "('2026-10-21 00:00:00','2','valid') (1,1,1)\n");
  // The impression without a merchant is not here. Two users saw Acme at home: 11 and 12.
  EXPECT_EQ(daily(),
            "('2026-10-20','1','1','valid') (2,3,2,2)\n"
            "('2026-10-20','1','2','valid') (1,0,0,1)\n"
            "('2026-10-21','2','1','valid') (1,5,1,1)\n");
  // Session 21 saw two merchants, 22 one: three pairs over two sessions.
  EXPECT_EQ(placements_daily(),
            "('2026-10-20','1','valid') (3,2,2,2,3)\n"
            "('2026-10-20','1','givt') (1,0,0,0,0)\n"
            "('2026-10-21','2','valid') (1,1,1,1,1)\n");
}

TEST_P(LiveViews, ARevisionMovesAnImpressionFromOneClassToTheOther) {
  show_all();
  revise_impression_2();
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
  // The user stays where the impression was first: a sketch takes nothing back.
  EXPECT_EQ(daily(),
            "('2026-10-20','1','1','valid') (1,0,1,2)\n"
            "('2026-10-20','1','1','sivt') (1,3,1,0)\n"
            "('2026-10-20','1','2','valid') (1,0,0,1)\n"
            "('2026-10-21','2','1','valid') (1,5,1,1)\n");
}

TEST_P(LiveViews, ClicksTheirForwardingsAndRevisionsMeet) {
  const auto insert = [this](const char* table, const char* columns, const std::string& values) {
    run(fmt::format("INSERT INTO {} (log_id, received_at, partner_id, link_id, {}) SELECT 7, now64(6), '{}', '{}', {}",
                    layout_.table(table),
                    columns,
                    kPartner,
                    kLink,
                    values));
  };
  for (int sequence = 1; sequence <= 3; ++sequence) {
    insert(
        "clicks", "sequence, occurred_at, verdict_class", fmt::format("{}, '2026-10-20 10:20:00', 'valid'", sequence));
  }
  insert("forwardings",
         "sequence, click_sequence, state, occurred_at, verdict_class",
         "4, 1, 'forwarded', '2026-10-20 10:20:00', 'valid'");
  insert("forwardings",
         "sequence, click_sequence, state, occurred_at, verdict_class",
         "4, 2, 'failed', '2026-10-20 10:20:00', 'valid'");
  insert("verdict_revisions",
         "sequence, revised_sequence, event_kind, old_class, new_class, occurred_at",
         "5, 3, 'click', 'valid', 'suspect', '2026-10-20 10:20:00'");
  // Judged anew with the same outcome: nothing moves.
  insert("verdict_revisions",
         "sequence, revised_sequence, event_kind, old_class, new_class, occurred_at",
         "6, 1, 'click', 'valid', 'valid', '2026-10-20 10:20:00'");
  EXPECT_EQ(clicks(),
            "('2026-10-20 10:00:00','valid') (2,1,1)\n"
            "('2026-10-20 10:00:00','suspect') (1,0,0)\n");
}

TEST_P(LiveViews, RebuiltDaysAreWhatTheViewsHadMade) {
  show_all();
  revise_impression_2();
  show({{1, "2026-10-20 10:30:00", kHome, kAcme, "served", 1, "valid", 99, 98, 1}}, 8);
  const auto everything = [this] {
    return hourly() + by_placement() + daily() + placements_daily() + clicks();
  };
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
    const auto done = rebuild_days(client_, layout_, 7, days);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(everything(), before);
  }
}

TALLY_OVER_BOTH(LiveViews);

}  // namespace
}  // namespace tallystick::warehouse
