// What is loaded of a partner's conversions and clicks, from events whose meaning is plain.
#include "settlement/truth.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/settlement/live/past.h"

namespace tallystick::settlement {
namespace {

using reconcile::Status;
using reconcile::Truth;
using reconcile::TruthKind;

constexpr std::string_view kFrom = "2026-10-01 00:00:00";
constexpr std::string_view kTo = "2026-11-01 00:00:00";
const auto kNoProgress = [](std::int64_t, std::int64_t) {
};
const auto kGoOn = [] {
  return false;
};

class TruthOf : public Past {};

TEST_F(TruthOf, AConversionIsItsFirstMomentAndItsLastWord) {
  const auto click_of_it = click({"2026-10-09 08:00:00", "valid", 1, 4});
  conversion({.at = "2026-10-10 10:00:00",
              .order = "O-1",
              .commission_minor = 500,
              .status = "pending",
              .click = click_of_it,
              .transaction = "TX-1"});
  conversion({.at = "2026-10-12 10:00:00", .order = "O-1", .commission_minor = 450, .status = "approved"});
  conversion({.at = "2026-11-20 10:00:00", .order = "O-1", .commission_minor = 450, .status = "reversed"});
  const TruthSide side = conversions(kFrom, kTo);
  ASSERT_EQ(side.truths.size(), 1U);
  EXPECT_EQ(side.conversions, 1);
  const Truth& truth = side.truths[0];
  EXPECT_EQ(truth.kind, TruthKind::kConversion);
  EXPECT_EQ(truth.occurred_at, at("2026-10-10 10:00:00"));
  EXPECT_EQ(truth.status, Status::kReversed) << "taken back after the period";
  EXPECT_EQ(truth.commission_minor, 450);
  EXPECT_EQ(truth.amount_minor, 4'500);
  EXPECT_EQ(truth.currency.text(), "EUR");
  EXPECT_EQ(truth.click_id, event_id(click_of_it));
  EXPECT_EQ(truth.link_id, link_id(4));
  EXPECT_EQ(truth.order_id, "o-1");
  EXPECT_EQ(side.transactions[0], "tx-1");
  EXPECT_FALSE(truth.is_invalid);
}

TEST_F(TruthOf, TheLaterStatusIsTheOneReceivedLater) {
  conversion({.at = "2026-10-10 10:00:00", .order = "a", .status = "paid", .received_at = "2026-10-10 12:00:00"});
  conversion({.at = "2026-10-10 11:00:00", .order = "a", .status = "approved", .received_at = "2026-10-10 11:00:00"});
  const TruthSide side = conversions(kFrom, kTo);
  ASSERT_EQ(side.truths.size(), 1U);
  EXPECT_EQ(side.truths[0].status, Status::kPaid);
  EXPECT_EQ(side.truths[0].occurred_at, at("2026-10-10 11:00:00")) << "of the event that came first";
}

TEST_F(TruthOf, ThePeriodIncludesItsFirstMomentAndNotItsLast) {
  conversion({.at = "2026-09-30 23:59:59.999999", .order = "a"});
  conversion({.at = "2026-10-01 00:00:00", .order = "b"});
  conversion({.at = "2026-10-31 23:59:59.999999", .order = "c"});
  conversion({.at = "2026-11-01 00:00:00", .order = "d"});
  // Began before, and says something within it.
  conversion({.at = "2026-10-02 00:00:00", .order = "a", .status = "paid"});
  const TruthSide side = conversions(kFrom, kTo);
  ASSERT_EQ(side.truths.size(), 2U);
  EXPECT_EQ(side.truths[0].order_id, "b");
  EXPECT_EQ(side.truths[1].order_id, "c");
}

TEST_F(TruthOf, ItIsInvalidByTheLastVerdictOfItselfOrOfItsClick) {
  const auto good = click({"2026-10-09 08:00:00"});
  const auto bad = click({"2026-10-09 08:00:00", "givt"});
  const auto found_out = click({"2026-10-09 08:00:00"});
  const auto cleared = click({"2026-10-09 08:00:00", "sivt"});
  revise("click", found_out, "valid", "suspect");
  revise("click", found_out, "suspect", "sivt");
  revise("click", cleared, "sivt", "valid");
  conversion({.at = "2026-10-10 10:00:00", .order = "a", .click = good});
  conversion({.at = "2026-10-10 10:00:00", .order = "b", .click = bad});
  conversion({.at = "2026-10-10 10:00:00", .order = "c", .click = found_out});
  conversion({.at = "2026-10-10 10:00:00", .order = "d", .click = cleared});
  conversion({.at = "2026-10-10 10:00:00", .order = "e", .verdict = "sivt"});
  conversion({.at = "2026-10-10 10:00:00", .order = "f", .verdict = "suspect"});
  const auto judged = conversion({.at = "2026-10-10 10:00:00", .order = "g"});
  revise("conversion", judged, "valid", "givt");
  const auto forgiven = conversion({.at = "2026-10-10 10:00:00", .order = "h", .verdict = "givt"});
  revise("conversion", forgiven, "givt", "valid");
  const TruthSide side = conversions(kFrom, kTo);
  std::string invalid;
  for (const Truth& truth : side.truths) {
    invalid += truth.is_invalid ? truth.order_id : "";
  }
  EXPECT_EQ(side.truths.size(), 8U);
  EXPECT_EQ(invalid, "bceg");
}

TEST_F(TruthOf, AConversionWithoutAPartnerHasItsClicks) {
  const auto ours = click({"2026-10-09 08:00:00", "valid", 1, 2});
  const auto others = click({"2026-10-09 08:00:00", "valid", 2, 3});
  conversion({.at = "2026-10-10 10:00:00", .order = "a", .click = ours, .partner = 0});
  conversion({.at = "2026-10-10 10:00:00", .order = "b", .click = others, .partner = 0});
  conversion({.at = "2026-10-10 10:00:00", .order = "c", .partner = 0});
  conversion({.at = "2026-10-10 10:00:00", .order = "d", .partner = 2});
  conversion({.at = "2026-10-10 10:00:00", .order = "e", .partner = 1});
  const TruthSide side = conversions(kFrom, kTo);
  ASSERT_EQ(side.truths.size(), 2U);
  EXPECT_EQ(side.truths[0].order_id, "a");
  EXPECT_EQ(side.truths[0].link_id, link_id(2));
  EXPECT_EQ(side.truths[1].order_id, "e");
  EXPECT_TRUE(side.truths[1].click_id.is_nil());
}

TEST_F(TruthOf, EachConversionKeepsItsCurrency) {
  conversion({.at = "2026-10-10 10:00:00", .order = "a", .commission_minor = 100, .currency = "EUR"});
  conversion({.at = "2026-10-10 10:00:00", .order = "b", .commission_minor = 200, .currency = "JPY"});
  conversion({.at = "2026-10-10 10:00:00", .order = "c", .commission_minor = 0, .currency = ""});
  const TruthSide side = conversions(kFrom, kTo);
  ASSERT_EQ(side.truths.size(), 3U);
  EXPECT_EQ(side.truths[0].currency.text(), "EUR");
  EXPECT_EQ(side.truths[1].currency.text(), "JPY");
  EXPECT_EQ(side.truths[2].currency.text(), "EUR") << "the partner's, where none is stated";
}

TEST_F(TruthOf, APostbacksClickIsReadFromWhatCameBack) {
  const auto given = click({"2026-10-09 08:00:00", "sivt", 1, 5});
  std::string without_dashes = base::format_uuid(event_id(given));
  std::erase(without_dashes, '-');
  conversion({.at = "2026-10-10 10:00:00", .order = "a", .transaction = "T1", .sub = without_dashes});
  conversion({.at = "2026-10-10 10:00:00", .order = "b", .transaction = "T2", .sub = "newsletter"});
  const TruthSide side = conversions(kFrom, kTo);
  ASSERT_EQ(side.truths.size(), 2U);
  EXPECT_EQ(side.truths[0].click_id, event_id(given));
  EXPECT_EQ(side.truths[0].link_id, link_id(5));
  EXPECT_TRUE(side.truths[0].is_invalid);
  EXPECT_TRUE(side.truths[1].click_id.is_nil());
}

TEST_F(TruthOf, NothingAboveThePositionIsSeen) {
  const auto first = conversion({.at = "2026-10-10 10:00:00", .order = "a", .status = "approved"});
  const TruthPosition position = everything();
  conversion({.at = "2026-10-11 10:00:00", .order = "a", .status = "reversed"});
  conversion({.at = "2026-10-11 10:00:00", .order = "b"});
  revise("conversion", first, "valid", "givt");
  const auto side = loader(position).load_conversions({at(kFrom), at(kTo)}, kNoProgress, kGoOn);
  ASSERT_TRUE(side);
  ASSERT_EQ(side->truths.size(), 1U);
  EXPECT_EQ(side->truths[0].status, Status::kApproved);
  EXPECT_FALSE(side->truths[0].is_invalid);

  TruthPosition nothing = position;
  nothing.logs.clear();
  EXPECT_TRUE(loader(nothing).load_conversions({at(kFrom), at(kTo)}, kNoProgress, kGoOn)->truths.empty());
}

TEST_F(TruthOf, SlicesAddUpToTheWhole) {
  for (int i = 0; i < 40; ++i) {
    const std::string order = "o" + std::to_string(i);
    conversion({.at = "2026-10-10 10:00:00", .order = order, .commission_minor = i, .status = "pending"});
    conversion({.at = "2026-10-11 10:00:00", .order = order, .commission_minor = i + 1, .status = "paid"});
  }
  std::int64_t slices = 0;
  auto sliced = loader(everything(), {.slice_events = 7})
                    .load_conversions(
                        {at(kFrom), at(kTo)},
                        [&](std::int64_t done, std::int64_t total) {
                          EXPECT_EQ(done, ++slices);
                          EXPECT_EQ(total, 12) << "80 events in portions of 7";
                        },
                        kGoOn);
  ASSERT_TRUE(sliced);
  EXPECT_EQ(slices, 12);
  ASSERT_EQ(sliced->truths.size(), 40U);
  std::int64_t sum = 0;
  for (const Truth& truth : sliced->truths) {
    sum += truth.commission_minor;
    EXPECT_EQ(truth.status, Status::kPaid);
  }
  EXPECT_EQ(sum, 40 * 41 / 2);
}

TEST_F(TruthOf, LoadingStopsWhenItIsCancelled) {
  conversion({.at = "2026-10-10 10:00:00", .order = "a"});
  const auto side = loader(everything()).load_conversions({at(kFrom), at(kTo)}, kNoProgress, [] { return true; });
  ASSERT_FALSE(side);
  EXPECT_EQ(side.error().code, "cancelled");
}

TEST_F(TruthOf, ClicksThatClaimsNameAreFoundWithTheirVerdict) {
  const auto lone = click({"2026-08-01 08:00:00", "valid", 1, 6});
  const auto bad = click({"2026-10-09 08:00:00", "valid", 1, 7});
  revise("click", bad, "valid", "givt");
  const auto others = click({"2026-10-09 08:00:00", "valid", 2});
  const auto converted_long_ago = click({"2026-03-01 08:00:00"});
  conversion({.at = "2026-03-02 10:00:00",
              .order = "old",
              .commission_minor = 300,
              .click = converted_long_ago,
              .partner = 0});
  TruthSide side = conversions(kFrom, kTo);
  EXPECT_TRUE(side.truths.empty());
  const std::vector<base::Uuid> wanted = {
      event_id(lone), event_id(bad), event_id(others), event_id(converted_long_ago), event_id(999'999)};
  // In batches of two, so that there are three.
  auto searcher = loader(everything(), {.batch_ids = 2});
  ASSERT_TRUE(searcher.add_clicks(wanted, side, kGoOn));
  std::ranges::sort(side.truths, {}, &Truth::occurred_at);
  ASSERT_EQ(side.truths.size(), 3U);
  EXPECT_EQ(side.transactions.size(), 3U);
  EXPECT_EQ(side.conversions, 1);
  EXPECT_EQ(side.truths[0].kind, TruthKind::kConversion) << "outside the period, but there";
  EXPECT_EQ(side.truths[0].order_id, "old");
  EXPECT_EQ(side.truths[0].commission_minor, 300);
  EXPECT_EQ(side.truths[1].kind, TruthKind::kClick);
  EXPECT_EQ(side.truths[1].id, event_id(lone));
  EXPECT_EQ(side.truths[1].click_id, event_id(lone));
  EXPECT_EQ(side.truths[1].link_id, link_id(6));
  EXPECT_EQ(side.truths[1].commission_minor, 0);
  EXPECT_FALSE(side.truths[1].is_invalid);
  EXPECT_EQ(side.truths[2].id, event_id(bad));
  EXPECT_TRUE(side.truths[2].is_invalid);
}

TEST_F(TruthOf, AConversionIsAddedOnceHoweverManyOfItsClicksAreNamed) {
  const auto first = click({"2026-10-09 08:00:00"});
  const auto second = click({"2026-10-09 09:00:00"});
  conversion({.at = "2026-10-10 10:00:00", .order = "a", .click = first});
  conversion({.at = "2026-10-11 10:00:00", .order = "a", .click = second});
  TruthSide side = conversions(kFrom, kTo);
  ASSERT_EQ(side.truths.size(), 1U);
  const std::vector<base::Uuid> wanted = {event_id(first), event_id(second)};
  auto searcher = loader(everything());
  ASSERT_TRUE(searcher.add_clicks(wanted, side, kGoOn));
  EXPECT_EQ(side.truths.size(), 1U) << "and no click of it is one without a conversion";
}

TEST_F(TruthOf, ClicksAreCountedGrossAndNetAsRevised) {
  click({"2026-09-30 23:59:59.999999"});
  click({"2026-10-01 00:00:00"});
  click({"2026-10-05 00:00:00", "suspect"});
  click({"2026-10-06 00:00:00", "givt"});
  const auto revised = click({"2026-10-07 00:00:00"});
  const auto cleared = click({"2026-10-08 00:00:00", "sivt"});
  click({"2026-10-09 00:00:00", "valid", 2});
  click({"2026-11-01 00:00:00"});
  revise("click", revised, "valid", "sivt");
  revise("click", cleared, "sivt", "suspect");
  const auto figures = loader(everything()).load_click_figures({at(kFrom), at(kTo)});
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->our_gross, 5);
  EXPECT_EQ(figures->our_net, 3) << "the first two, and the one that was cleared";
}

TEST_F(TruthOf, AnotherPartnersRevisionsChangeNothing) {
  click({"2026-10-01 00:00:00"});
  const auto others = click({"2026-10-01 00:00:00", "valid", 2});
  revise("click", others, "valid", "givt");
  const auto figures = loader(everything()).load_click_figures({at(kFrom), at(kTo)});
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->our_net, 1);
}

class PositionOfTruth : public Past {
 protected:
  base::Result<TruthPosition> load(std::optional<LogPosition> durable, std::function<void(std::int64_t)> pause) {
    return load_truth_position(
        *warehouse_,
        {.durable = [durable] { return durable; }, .pause = std::move(pause), .limit_us = base::kMicrosPerSecond},
        clock_);
  }
};

TEST_F(PositionOfTruth, IsWaitedFor) {
  save_position(0, 10, true);
  int looks = 0;
  const auto position = load(LogPosition{kLog, 30}, [&](std::int64_t us) {
    clock_.advance_us(us);
    ++looks;
    looks == 1 ? save_position(10, 30, false) : save_position(10, 30, true);
  });
  ASSERT_TRUE(position);
  EXPECT_EQ(looks, 2) << "a batch that is begun does not count";
  EXPECT_TRUE(position->is_complete());
  EXPECT_EQ(position->generation, 1U);
  EXPECT_EQ(position->logs.at(0).end, 30U);
}

TEST_F(PositionOfTruth, IsTakenAsItIsWhenTheWaitIsOver) {
  save_position(0, 10, true);
  save_position(10, 30, false);
  const auto position = load(LogPosition{kLog, 30}, [&](std::int64_t us) { clock_.advance_us(us); });
  ASSERT_TRUE(position);
  EXPECT_FALSE(position->is_complete());
  EXPECT_EQ(position->logs.at(0).end, 10U);
  EXPECT_EQ(position->wanted->end, 30U);
}

TEST_F(PositionOfTruth, IsAlsoWhatTheLoaderHasBeenThrough) {
  save_position(0, 10, true);
  const auto position = load_truth_position(*warehouse_,
                                            {.durable =
                                                 [] {
                                                   return LogPosition{kLog, 12};
                                                 },
                                             .loaded =
                                                 [] {
                                                   return LogPosition{kLog, 12};
                                                 },
                                             .pause =
                                                 [](std::int64_t) {
                                                   FAIL() << "the last two have no rows";
                                                 }},
                                            clock_);
  ASSERT_TRUE(position);
  EXPECT_TRUE(position->is_complete());
  EXPECT_EQ(position->logs.at(0).end, 12U);
}

TEST_F(PositionOfTruth, OfAnEmptyLogIsComplete) {
  const auto no_pause = [](std::int64_t) {
    FAIL() << "there is nothing to wait for";
  };
  EXPECT_TRUE(load(LogPosition{kLog, 0}, no_pause)->is_complete());
  EXPECT_TRUE(load(std::nullopt, no_pause)->is_complete());
}

}  // namespace
}  // namespace tallystick::settlement
