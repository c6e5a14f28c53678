// Inputs that are made of the same thing over and over: everything bounded, nothing lost, no order of rows preferred.
#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "reconcile/candidate_search.h"
#include "reconcile/id_groups.h"
#include "reconcile/matcher.h"
#include "tests/reconcile/generated_month.h"
#include "tests/reconcile/records.h"

namespace tallystick::reconcile {
namespace {

using test::claim;
using test::id;
using test::kNoon;
using test::Month;
using test::truth;

using Pairs = std::set<std::tuple<std::string, base::Uuid, std::uint16_t>>;

Pairs pairs_of(const std::vector<Claim>& claims, const std::vector<Truth>& truths) {
  const Matching matching = match(claims, truths, {}).value();
  Pairs pairs;
  for (const Match& one : matching.matches) {
    pairs.emplace(claims[one.claim].key, truths[one.truth].id, one.confidence_permille);
  }
  EXPECT_EQ(pairs.size(), matching.matches.size());
  return pairs;
}

void expect_same_when_shuffled(std::vector<Claim> claims, std::vector<Truth> truths) {
  const Pairs expected = pairs_of(claims, truths);
  std::mt19937_64 random(7);  // NOLINT(cert-msc51-cpp): the same in every run
  for (int i = 0; i < 3; ++i) {
    std::shuffle(claims.begin(), claims.end(), random);
    std::shuffle(truths.begin(), truths.end(), random);
    EXPECT_EQ(pairs_of(claims, truths), expected);
  }
}

TEST(Crowds, RowsWithoutATimeOfDayAllFindAConversionOfTheirAmount) {
  // 300 rows at midnight, 300 sales over the day, all of one price: a claim keeps 16 candidates, together they have
  // all.
  std::vector<Claim> claims;
  std::vector<Truth> truths;
  for (std::uint32_t i = 0; i < 300; ++i) {
    claims.push_back(claim("r" + std::to_string(i), 1'990, 100));
    truths.push_back(truth(i + 1, 1'990, 100));
    truths.back().occurred_at = kNoon + (i + 1) * 4 * base::kMicrosPerMinute;
  }
  EXPECT_EQ(pairs_of(claims, truths).size(), 300U);
  expect_same_when_shuffled(claims, truths);
}

TEST(Crowds, OneAmountForAllIsMatchedWhateverTheOrder) {
  const Month month = test::MonthMaker({.conversions = 2'000,
                                        .without_ids_percent = 100,
                                        .span_us = 10 * base::kMicrosPerMinute,
                                        .is_one_amount = true})
                          .make();
  const Pairs pairs = pairs_of(month.claims, month.truths);
  // All within a few hours of each other: only links that differ keep pairs apart.
  EXPECT_GE(pairs.size(), std::min(month.claims.size(), month.truths.size()) * 95 / 100);
  expect_same_when_shuffled(month.claims, month.truths);
}

TEST(Crowds, WhatALimitKeptOutIsFoundLaterAndSaysSo) {
  // 40 rows within a minute, a second apart, so that none says the same as another, and 40 sales hours later: the
  // first round gives every row the same 16.
  std::vector<Claim> claims;
  std::vector<Truth> truths;
  for (std::uint32_t i = 0; i < 40; ++i) {
    claims.push_back(claim("r" + std::to_string(i), 1'990, 100));
    claims.back().occurred_at = kNoon + i * base::kMicrosPerSecond;
    truths.push_back(truth(i + 1, 1'990, 100));
    truths.back().occurred_at = kNoon + base::kMicrosPerHour + i * base::kMicrosPerMinute;
  }
  const Pairs pairs = pairs_of(claims, truths);
  EXPECT_EQ(pairs.size(), 40U);
  // 850 less 181 for an hour, or more: 500 at least, half of it in a later round.
  EXPECT_EQ(std::count_if(pairs.begin(), pairs.end(), [](const auto& pair) { return std::get<2>(pair) >= 500; }), 16);
  expect_same_when_shuffled(claims, truths);
}

TEST(Crowds, AClickWithHundredsOfRowsMatchesAllOfThem) {
  std::vector<Claim> claims;
  std::vector<Truth> truths;
  for (std::uint32_t i = 0; i < 200; ++i) {
    claims.push_back(claim("r" + std::to_string(i), 1'000 + i, 100));
    claims.back().click_id = id(7);
    claims.back().order_id = i < 20 ? "order " + std::to_string(i) : "";
    truths.push_back(truth(i + 1, 1'000 + i, 100));
    truths.back().click_id = id(7);
    truths.back().order_id = i < 20 ? "ORDER " + std::to_string(19 - i) : "";
    if (i >= 150) {  // nothing of ours is near these: matched in the order of time all the same
      claims.back().occurred_at = kNoon + 90 * base::kMicrosPerDay + i;
    }
  }
  const Pairs pairs = pairs_of(claims, truths);
  ASSERT_EQ(pairs.size(), 200U);
  EXPECT_TRUE(pairs.contains({"r0", id(20), kCertain}));
  EXPECT_TRUE(pairs.contains({"r19", id(1), kCertain}));
  EXPECT_TRUE(pairs.contains({"r100", id(101), 925}));  // (1000 + 850) / 2
  EXPECT_EQ(std::count_if(
                pairs.begin(), pairs.end(), [](const auto& pair) { return std::get<2>(pair) == kLeftoverPermille; }),
            50);
  expect_same_when_shuffled(claims, truths);
}

TEST(Crowds, AnOrderWithHundredsOfRowsOnOneSideMatchesOne) {
  std::vector<Claim> claims;
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    claims.push_back(claim("r" + std::to_string(i), 1'000, 100));
    claims.back().order_id = "A";
    claims.back().occurred_at = kNoon + (i == 1'234 ? 0 : base::kMicrosPerHour);
  }
  Truth ours = truth(1, 1'000, 100);
  ours.order_id = "a";
  const Pairs pairs = pairs_of(claims, {ours});
  ASSERT_EQ(pairs.size(), 1U);
  // Both name an order: (1000 + 950 - 100 - 150) / 2.
  EXPECT_EQ(*pairs.begin(), std::tuple("r1234", id(1), 850));
}

TEST(CandidateSearch, HoldsEveryPairWhereNoLimitIsReached) {
  const Month month =
      test::MonthMaker({.conversions = 400, .without_ids_percent = 100, .only_order_percent = 0}).make();
  const PairScore score({});
  std::vector<Contender> claims;
  std::vector<Contender> truths;
  for (std::uint32_t i = 0; i < month.claims.size(); ++i) {
    claims.push_back({side_of(month.claims[i]), i});
  }
  for (std::uint32_t i = 0; i < month.truths.size(); ++i) {
    truths.push_back({side_of(month.truths[i]), i});
  }
  sort_contenders(claims, month.claims);
  sort_contenders(truths, month.truths);
  CandidateSearch search(claims, truths, score);
  const auto found = search.find({});
  EXPECT_TRUE(found.is_whole);
  std::size_t expected = 0;
  for (const Contender& one : claims) {
    expected += static_cast<std::size_t>(std::count_if(
        truths.begin(), truths.end(), [&](const Contender& other) { return score.of(one.side, other.side) > 0; }));
  }
  EXPECT_EQ(found.graph.candidates.size(), expected);
  EXPECT_GT(expected, 400U);
  EXPECT_FALSE(search.find({.kept = 1}).is_whole);
}

}  // namespace
}  // namespace tallystick::reconcile
