#include "warehouse/attribution.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "tests/warehouse/live/attribution_oracle.h"
#include "tests/warehouse/live/live_fixture.h"
#include "warehouse/attribution_weights.h"

namespace tallystick::warehouse {
namespace {

constexpr std::array<std::uint32_t, 2> kBothLogs{7, 8};

// The lines that only one side has, so that a failure can be read.
std::string difference(const std::vector<std::string>& found, const std::vector<std::string>& expected) {
  std::vector<std::string> missing;
  std::vector<std::string> surplus;
  std::ranges::set_difference(expected, found, std::back_inserter(missing));
  std::ranges::set_difference(found, expected, std::back_inserter(surplus));
  return missing.empty() && surplus.empty()
             ? ""
             : fmt::format("missing:\n{}\nsurplus:\n{}", fmt::join(missing, "\n"), fmt::join(surplus, "\n"));
}

class LiveAttribution : public Live {
 protected:
  LiveAttribution() : layout_(make_schema()), until_(now_ - base::kMicrosPerDay), clock_(now_) {}

  [[nodiscard]] AttributionPass make_pass(std::uint32_t log_id, const AttributionSettings& settings = {}) {
    return {client_, layout_, log_id, clock_, settings};
  }
  // Everything of `history` is loaded and old enough to be settled.
  [[nodiscard]] LoadedLog all_of(const History& history, std::uint32_t log_id) const {
    return {.end = history.end_of(log_id), .frontier = now_, .is_caught_up = true};
  }
  void settle_all(const History& history, const AttributionSettings& settings = {}) {
    for (const std::uint32_t log_id : kBothLogs) {
      AttributionPass pass = make_pass(log_id, settings);
      const auto done = pass.settle_all(all_of(history, log_id));
      ASSERT_TRUE(done) << done.error().code << ": " << done.error().message;
    }
  }
  void expect_as_worked_out(const History& history) {
    EXPECT_EQ(difference(load_clicks(client_, layout_, "attributed_clicks"), expected_clicks(history)), "");
    EXPECT_EQ(difference(load_conversions(client_, layout_, "attributed_conversions"), expected_conversions(history)),
              "");
  }

  const Layout layout_;
  const base::Timestamp until_;
  base::ManualClock clock_;
};

base::Uuid id(std::uint8_t number) {
  base::Uuid out;
  out.bytes[15] = number;
  return out;
}

ExposureEvent exposure(std::uint64_t sequence, base::Timestamp at, std::uint8_t placement) {
  ExposureEvent event;
  event.log_id = 7;
  event.sequence = sequence;
  event.event_id = id(static_cast<std::uint8_t>(100 + sequence));
  event.received_at = event.occurred_at = at;
  event.placement_id = id(placement);
  event.merchant_id = id(50);
  event.user = 11;
  event.session = 12;
  return event;
}

// The defect of the source document's joins: its query counts this click five times, and the sale five times.
TEST_P(LiveAttribution, FiveExposuresOneClickAndOneSaleAreOneClickAndOneSale) {
  History history;
  for (std::uint8_t n = 0; n < 5; ++n) {
    history.exposures.push_back(exposure(n, until_ + n * base::kMicrosPerMinute, static_cast<std::uint8_t>(1 + n % 3)));
  }
  ClickEvent click;
  click.log_id = 7;
  click.sequence = 5;
  click.event_id = id(90);
  click.received_at = click.occurred_at = until_ + 10 * base::kMicrosPerMinute;
  click.merchant_id = id(50);
  click.user = 11;
  click.session = 12;
  history.clicks.push_back(click);
  ConversionEvent sale;
  sale.log_id = 7;
  sale.sequence = 6;
  sale.event_id = id(91);
  sale.conversion_key = id(92);
  sale.received_at = sale.occurred_at = until_ + 20 * base::kMicrosPerMinute;
  sale.click_id = click.event_id;
  sale.commission_minor = 1'000;
  history.conversions.push_back(sale);
  insert_history(client_, layout_, history);
  settle_all(history);

  // The last of the five exposures was in placement 2.
  const Rows clicks =
      select("SELECT placement_id, sum(clicks) AS n FROM " + layout_.table("attributed_clicks") + " GROUP BY 1");
  ASSERT_EQ(clicks.size(), 1U);
  EXPECT_EQ(clicks.integer(0, "n"), 1);
  EXPECT_EQ(clicks.uuid(0, "placement_id"), id(2));

  // Seen in 1, 2, 3, 1, 2, all within the hour before: 20 minutes old at most, so decay is as linear. Position: first
  // 6, last 6, between 1 each, of 15.
  const Rows parts = select(
      "SELECT toInt8(model) AS model, placement_id, toInt64(intDiv(1000::Int128 * weight_after, weight_total) - "
      "intDiv(1000::Int128 * weight_before, weight_total)) AS part FROM " +
      layout_.table("attributed_conversions") + " ORDER BY model, weight_before");
  std::map<std::int64_t, std::vector<std::pair<base::Uuid, std::int64_t>>> found;
  for (std::size_t row = 0; row < parts.size(); ++row) {
    found[parts.integer(row, "model")].emplace_back(parts.uuid(row, "placement_id"), parts.integer(row, "part"));
  }
  using Parts = std::vector<std::pair<base::Uuid, std::int64_t>>;
  EXPECT_EQ(found[1], (Parts{{id(2), 1'000}}));
  EXPECT_EQ(found[2], (Parts{{id(1), 1'000}}));
  EXPECT_EQ(found[3], (Parts{{id(1), 400}, {id(2), 400}, {id(3), 200}}));
  EXPECT_EQ(found[4], (Parts{{id(1), 400}, {id(2), 400}, {id(3), 200}}));
  EXPECT_EQ(found[5], (Parts{{id(1), 466}, {id(2), 467}, {id(3), 67}}));
}

TEST_P(LiveAttribution, SettledAtOnceItIsAsWorkedOut) {
  const History history = make_history(1, until_);
  insert_history(client_, layout_, history);
  settle_all(history);
  expect_as_worked_out(history);
  EXPECT_EQ(number("SELECT count() FROM " + layout_.table("recent_click_attributions")), 0);
  EXPECT_EQ(number("SELECT count() FROM " + layout_.table("attribution_claims")), 0);
}

TEST_P(LiveAttribution, SettledInManySmallPassesItIsTheSame) {
  const History history = make_history(2, until_);
  insert_history(client_, layout_, history);
  settle_all(history, {.max_settled_events = 37, .max_settled_span_us = 2 * base::kMicrosPerDay});
  expect_as_worked_out(history);
}

// Whatever has been loaded when a pass ends is attributed as if nothing else existed; what was settled never changes.
TEST_P(LiveAttribution, WhereverBatchesEndEveryPassIsAsWorkedOut) {
  const std::uint64_t seed = GetParam() == Transport::kUnixSocket ? 3 : 4;
  const History history = make_history(seed, until_);
  std::vector<AttributionPass> passes;
  for (const std::uint32_t log_id : kBothLogs) {
    passes.push_back(make_pass(log_id));
  }
  std::mt19937_64 random(seed);
  base::Timestamp loaded = {};
  for (base::Timestamp next = until_ - 11 * base::kMicrosPerDay; loaded < until_ + 3 * base::kMicrosPerDay;) {
    next = next + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(3 * base::kMicrosPerDay));
    insert_history(client_, layout_, history.received(loaded, next));
    loaded = next;
    const History so_far = history.received({}, loaded);
    for (std::size_t log = 0; log < kBothLogs.size(); ++log) {
      clock_.advance_us(base::kMicrosPerHour);
      const auto ran = passes[log].run_if_due({.end = so_far.end_of(kBothLogs[log]), .frontier = loaded});
      ASSERT_TRUE(ran) << ran.error().message;
    }
    expect_as_worked_out(so_far);
  }
  settle_all(history);
  expect_as_worked_out(history);
}

// A crash at any point of a pass leaves rows of a pass that was begun and never done.
TEST_P(LiveAttribution, WhatACutOffPassLeftIsNeverSeenAndTakenBack) {
  const History history = make_history(5, until_);
  insert_history(client_, layout_, history);
  const base::Timestamp middle = until_ - 6 * base::kMicrosPerDay;
  const History first_half = history.received({}, middle);
  for (const std::uint32_t log_id : kBothLogs) {
    AttributionPass pass = make_pass(log_id);
    ASSERT_TRUE(pass.settle_all({.end = first_half.end_of(log_id), .frontier = middle}));
  }
  const auto clicks = load_clicks(client_, layout_, "attributed_clicks");
  const auto conversions = load_conversions(client_, layout_, "attributed_conversions");
  for (const std::uint32_t log_id : kBothLogs) {
    const auto before = load_position(client_, layout_, log_id, Stage::kSettle);
    ASSERT_TRUE(before && *before);
    Position begun = **before;
    begun.state = PositionState::kBegun;
    begun.first = begun.end;
    begun.end = history.end_of(log_id);
    ++begun.version;
    ASSERT_TRUE(save_position(client_, layout_, begun));
  }
  for (const std::string_view table :
       {"click_attributions", "recent_click_attributions", "conversion_shares", "recent_conversion_shares"}) {
    run(fmt::format("INSERT INTO {0} SELECT * REPLACE (pass + 2 AS pass) FROM {0}", layout_.table(table)));
  }
  EXPECT_EQ(load_clicks(client_, layout_, "attributed_clicks"), clicks);
  EXPECT_EQ(load_conversions(client_, layout_, "attributed_conversions"), conversions);
  settle_all(history);
  expect_as_worked_out(history);
}

// A reader sees all of one pass: while events go from recent to settled none is missing and none is there twice.
TEST_P(LiveAttribution, AReaderSeesOnePassOrTheNext) {
  const History history = make_history(6, until_);
  insert_history(client_, layout_, history);
  const auto conversions = expected_conversions(history).size();
  std::atomic<bool> is_over = false;
  std::atomic<int> readings = 0;
  AttributionPass seven = make_pass(7);
  AttributionPass eight = make_pass(8);
  const base::Timestamp before = until_ - 11 * base::kMicrosPerDay;
  ASSERT_TRUE(seven.run_if_due({.end = history.end_of(7), .frontier = before}));
  ASSERT_TRUE(eight.run_if_due({.end = history.end_of(8), .frontier = before}));
  std::thread reader([&] {
    Client client(endpoint());
    while (!is_over || readings < 3) {
      const auto rows =
          client.query(fmt::format("SELECT (SELECT sum(clicks) FROM {}) AS clicks, (SELECT count() FROM {}) AS parts",
                                   layout_.table("attributed_clicks"),
                                   layout_.table("attributed_conversions")));
      ASSERT_TRUE(rows) << rows.error().message;
      EXPECT_EQ(rows->unsigned_integer(0, "clicks"), history.clicks.size());
      EXPECT_EQ(rows->unsigned_integer(0, "parts"), conversions);
      ++readings;
    }
  });
  for (int day = 1; day <= 5; ++day) {
    for (AttributionPass* pass : {&seven, &eight}) {
      clock_.advance_us(3 * base::kMicrosPerSecond);
      const auto ran = pass->run_if_due(
          {.end = history.end_of(pass == &seven ? 7 : 8), .frontier = before + 2 * day * base::kMicrosPerDay});
      EXPECT_TRUE(ran) << ran.error().message;
    }
  }
  is_over = true;
  reader.join();
  expect_as_worked_out(history);
}

TEST_P(LiveAttribution, APassRunsWhenThereIsSomethingToDoAndNotTooOften) {
  const History history = make_history(7, until_);
  insert_history(client_, layout_, history);
  AttributionPass pass = make_pass(7, {.min_pause_us = 2 * base::kMicrosPerSecond});
  LoadedLog loaded{.end = history.end_of(7) / 2, .frontier = until_ - 20 * base::kMicrosPerDay};
  const auto ran = [&] {
    const auto outcome = pass.run_if_due(loaded);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome && *outcome;
  };
  EXPECT_TRUE(ran());
  loaded.end = history.end_of(7);
  EXPECT_FALSE(ran());  // the clock stands still
  clock_.advance_us(2 * base::kMicrosPerSecond);
  EXPECT_TRUE(ran());
  clock_.advance_us(base::kMicrosPerMinute);
  EXPECT_FALSE(ran());  // nothing new
  loaded.frontier = until_;
  EXPECT_TRUE(ran());  // time has passed, much is old enough
  EXPECT_GT(pass.settled_end(), 0U);
}

// A second passes whenever somebody looks.
class TickingClock final : public base::Clock {
 public:
  explicit TickingClock(base::Timestamp now) : now_(now) {}
  [[nodiscard]] base::Timestamp now() const override { return now_; }
  [[nodiscard]] std::int64_t monotonic_us() const override { return seconds_++ * base::kMicrosPerSecond; }
  void advance(std::int64_t seconds) { seconds_ += seconds; }

 private:
  base::Timestamp now_;
  mutable std::int64_t seconds_ = 0;
};

TEST_P(LiveAttribution, ALoaderThatIsFarBehindHasMostOfTheTimeUntilItHasCaughtUp) {
  const History history = make_history(7, until_);
  insert_history(client_, layout_, history);
  TickingClock clock(now_);
  AttributionPass pass(
      client_,
      layout_,
      7,
      clock,
      {.max_busy_permille = 100, .min_pause_behind_us = 60 * base::kMicrosPerSecond, .max_busy_behind_permille = 20});
  LoadedLog loaded{.end = history.end_of(7) / 2, .frontier = until_ - 20 * base::kMicrosPerDay, .is_far_behind = true};
  const auto ran = [&] {
    const auto outcome = pass.run_if_due(loaded);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome && *outcome;
  };
  EXPECT_FALSE(ran());  // nor does it begin with one
  clock.advance(60);
  EXPECT_TRUE(ran());  // took a second: 49 of rest while it is behind, but a minute at least; 9 otherwise
  loaded.end = history.end_of(7);
  clock.advance(50);
  EXPECT_FALSE(ran());
  loaded.is_caught_up = true;
  loaded.is_far_behind = false;
  EXPECT_TRUE(ran());
}

TEST_P(LiveAttribution, APassBeforeAnythingIsLoadedLeavesAPositionThatTheNextProcessReads) {
  AttributionPass first = make_pass(7, {});
  ASSERT_TRUE(first.run_if_due({}));
  const auto position = load_position(client_, layout_, 7, Stage::kSettle);
  ASSERT_TRUE(position && *position);
  EXPECT_EQ((*position)->frontier.us, 0);
  AttributionPass second = make_pass(7, {});
  EXPECT_TRUE(second.run_if_due({}));
}

TEST_P(LiveAttribution, APassThatTakesTooMuchIsTriedAgainWithLess) {
  const History history = make_history(8, until_);
  insert_history(client_, layout_, history);
  AttributionPass starved = make_pass(7, {.max_memory_bytes = 4'096});
  const auto refused = starved.settle_all(all_of(history, 7));
  ASSERT_FALSE(refused);
  EXPECT_EQ(clickhouse_number(refused.error()), 241) << refused.error().message;
  settle_all(history);
  expect_as_worked_out(history);
}

TALLY_OVER_BOTH(LiveAttribution);

}  // namespace
}  // namespace tallystick::warehouse
