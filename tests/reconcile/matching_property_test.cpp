// What holds of every matching, whatever the records are.
#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "reconcile/assignment.h"
#include "reconcile/matcher.h"
#include "reconcile/pair_score.h"
#include "tests/reconcile/records.h"

namespace tallystick::reconcile {
namespace {

using test::World;

// A matching as keys, without positions.
auto describe(const World& world, const Matching& matching) {
  std::set<std::tuple<std::string, base::Uuid, MatchRule, std::uint16_t, base::Uuid, std::uint16_t>> matches;
  for (const Match& one : matching.matches) {
    matches.emplace(world.claims[one.claim].key,
                    world.truths[one.truth].id,
                    one.rule,
                    one.confidence_permille,
                    one.runner_up == kNone ? base::Uuid{} : world.truths[one.runner_up].id,
                    one.runner_up_permille);
  }
  return matches;
}

TEST(MatchingProperty, TheOrderOfTheRowsChangesNothing) {
  ASSERT_TRUE(rc::check("shuffled rows give the same matches", [] {
    World world = test::draw_world(40);
    const auto expected = describe(world, match(world.claims, world.truths, {}).value());
    test::shuffle(world.claims);
    test::shuffle(world.truths);
    RC_ASSERT(describe(world, match(world.claims, world.truths, {}).value()) == expected);
  }));
}

TEST(MatchingProperty, EveryRecordIsInOneMatchOrInNone) {
  ASSERT_TRUE(rc::check("matches and leftovers are a partition", [] {
    const World world = test::draw_world(40);
    const Matching matching = match(world.claims, world.truths, {}).value();
    std::vector<int> claims(world.claims.size(), 0);
    std::vector<int> truths(world.truths.size(), 0);
    for (const Match& one : matching.matches) {
      ++claims.at(one.claim);
      ++truths.at(one.truth);
      RC_ASSERT(one.runner_up != one.truth);
      RC_ASSERT(one.confidence_permille <= kCertain);
      RC_ASSERT((one.runner_up == kNone) == (one.runner_up_permille == 0));
    }
    RC_ASSERT(std::is_sorted(matching.matches.begin(), matching.matches.end(), [](const Match& a, const Match& b) {
      return a.claim < b.claim;
    }));
    for (const std::uint32_t i : matching.only_claims) {
      ++claims.at(i);
    }
    for (const std::uint32_t i : matching.only_truths) {
      ++truths.at(i);
    }
    for (std::size_t i = 0; i < claims.size(); ++i) {
      RC_ASSERT(claims[i] == (world.claims[i].is_correction ? 0 : 1));
    }
    RC_ASSERT(truths == std::vector<int>(truths.size(), 1));
  }));
}

TEST(MatchingProperty, WhatAnIdConnectsIsNeverLeftOnBothSides) {
  ASSERT_TRUE(rc::check("no click and no order is left over on both sides", [] {
    const World world = test::draw_world(40);
    const Matching matching = match(world.claims, world.truths, {}).value();
    for (const std::uint32_t c : matching.only_claims) {
      for (const std::uint32_t t : matching.only_truths) {
        const Claim& theirs = world.claims[c];
        const Truth& ours = world.truths[t];
        if (!theirs.click_id.is_nil() && theirs.click_id == ours.click_id) {
          // Kept for an order that both sides name within the click.
          RC_ASSERT(!theirs.order_id.empty() || !ours.order_id.empty());
        }
        RC_ASSERT(theirs.order_id != "A-1" || ours.order_id != "a-1");
        RC_ASSERT(theirs.order_id != "B-2" || ours.order_id != "b-2");
      }
    }
  }));
}

// The greatest total by trying everything.
std::int64_t best_total(const std::vector<std::vector<std::int32_t>>& weights, std::size_t claim, unsigned taken) {
  if (claim == weights.size()) {
    return 0;
  }
  std::int64_t best = best_total(weights, claim + 1, taken);
  for (unsigned truth = 0; truth < weights[claim].size(); ++truth) {
    if (weights[claim][truth] > 0 && (taken & (1U << truth)) == 0) {
      best = std::max(best, weights[claim][truth] + best_total(weights, claim + 1, taken | (1U << truth)));
    }
  }
  return best;
}

TEST(MatchingProperty, AnAssignmentIsAsGoodAsTheBestOfAll) {
  ASSERT_TRUE(rc::check("total of the solver equals brute force", [] {
    const auto claims = static_cast<std::size_t>(*rc::gen::inRange(0, 8));
    const auto truths = static_cast<std::size_t>(*rc::gen::inRange(0, 8));
    const int most = *rc::gen::element(3, 20, kMaxWeight);
    std::vector<std::vector<std::int32_t>> weights(claims, std::vector<std::int32_t>(truths, 0));
    CandidateGraph graph;
    graph.truths = static_cast<std::uint32_t>(truths);
    for (auto& row : weights) {
      for (std::uint32_t t = 0; t < truths; ++t) {
        row[t] = std::max(0, *rc::gen::inRange(-most / 2, most + 1));
        if (row[t] > 0) {
          graph.candidates.push_back({t, row[t]});
        }
      }
      graph.first.push_back(static_cast<std::uint32_t>(graph.candidates.size()));
    }
    const Assignment assignment = solve_assignment(graph);
    std::int64_t total = 0;
    std::set<std::uint32_t> taken;
    for (std::size_t c = 0; c < claims; ++c) {
      RC_ASSERT(!assignment.is_bounded[c]);
      if (assignment.truth_of[c] != kNone) {
        RC_ASSERT(taken.insert(assignment.truth_of[c]).second);
        RC_ASSERT(weights[c][assignment.truth_of[c]] > 0);
        total += weights[c][assignment.truth_of[c]];
      }
    }
    RC_ASSERT(total == best_total(weights, 0, 0));
  }));
}

TEST(MatchingProperty, WithoutIdsTheTotalConfidenceIsTheBestOfAll) {
  ASSERT_TRUE(rc::check("total of the matches equals brute force", [] {
    World world = test::draw_world(6);
    std::erase_if(world.claims, [](const Claim& claim) { return claim.is_correction; });
    for (Claim& claim : world.claims) {
      claim.click_id = {};
      claim.order_id = "";
    }
    std::erase_if(world.truths, [](const Truth& truth) { return truth.kind == TruthKind::kClick; });
    const PairScore score({});
    std::vector<std::vector<std::int32_t>> weights;
    for (const Claim& claim : world.claims) {
      auto& row = weights.emplace_back();
      for (const Truth& truth : world.truths) {
        const std::int32_t one = score.of(side_of(claim), side_of(truth));
        row.push_back(one > 0 ? score.gain(one, {}) : 0);
      }
    }
    std::int64_t total = 0;
    const Matching matching = match(world.claims, world.truths, {}).value();
    for (const Match& one : matching.matches) {
      RC_ASSERT(one.rule == MatchRule::kAssignment);
      RC_ASSERT(weights[one.claim][one.truth] > 0);
      RC_ASSERT(one.confidence_permille ==
                score.of(side_of(world.claims[one.claim]), side_of(world.truths[one.truth])) / 1'000);
      total += weights[one.claim][one.truth];
    }
    RC_ASSERT(total == best_total(weights, 0, 0));
  }));
}

TEST(Assignment, BeyondItsLooksAGroupIsFilledGreedilyAndSaysSo) {
  // Two groups of two: in each the first claim takes its better truth when alone, and has to make way.
  CandidateGraph graph;
  graph.truths = 4;
  graph.candidates = {{0, 10}, {1, 9}, {0, 8}, {2, 10}, {3, 9}, {2, 8}};
  graph.first = {0, 2, 3, 5, 6};
  const Assignment exact = solve_assignment(graph);
  EXPECT_EQ(exact.truth_of, (std::vector<std::uint32_t>{1, 0, 3, 2}));
  EXPECT_EQ(exact.is_bounded, std::vector<bool>(4, false));
  const Assignment bounded = solve_assignment(graph, 1, 0);
  EXPECT_EQ(bounded.truth_of, (std::vector<std::uint32_t>{0, kNone, 2, kNone}));
  EXPECT_EQ(bounded.is_bounded, std::vector<bool>(4, true));
}

}  // namespace
}  // namespace tallystick::reconcile
