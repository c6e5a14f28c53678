#include "reconcile/id_groups.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "reconcile/competition.h"

namespace tallystick::reconcile {
namespace {

std::uint16_t permille_of_connected(std::int32_t score) {
  return static_cast<std::uint16_t>((1'000 + score / 1'000) / 2);
}

std::vector<std::uint32_t> positions_of(std::span<const KeyEntry> entries) {
  std::vector<std::uint32_t> positions;
  positions.reserve(entries.size());
  for (const KeyEntry& entry : entries) {
    positions.push_back(entry.position);
  }
  return positions;
}

std::vector<std::uint32_t> without(std::vector<std::uint32_t> all, std::vector<std::uint32_t> taken) {
  std::sort(all.begin(), all.end());
  std::sort(taken.begin(), taken.end());
  std::vector<std::uint32_t> left;
  std::set_difference(all.begin(), all.end(), taken.begin(), taken.end(), std::back_inserter(left));
  return left;
}

}  // namespace

void IdGroups::add(std::span<const KeyEntry> claims, std::span<const KeyEntry> truths) {
  if (claims.size() == 1 && truths.size() == 1) {
    matches_.push_back(match_of(claims[0].position, truths[0].position, kCertain));
  } else if (claims.size() * truths.size() <= kMaxPairsPerGroup) {
    add_small(positions_of(claims), positions_of(truths));
  } else if (rule_ == MatchRule::kClickId) {
    add_large_by_order(positions_of(claims), positions_of(truths));
  } else {
    add_large(positions_of(claims), positions_of(truths));
  }
}

void IdGroups::sort(Positions& claims, Positions& truths) const {
  std::sort(claims.begin(), claims.end(), [&](std::uint32_t left, std::uint32_t right) {
    return std::tie(claims_[left].occurred_at, claims_[left].key) <
           std::tie(claims_[right].occurred_at, claims_[right].key);
  });
  std::sort(truths.begin(), truths.end(), [&](std::uint32_t left, std::uint32_t right) {
    return std::tie(truths_[left].occurred_at, truths_[left].id) <
           std::tie(truths_[right].occurred_at, truths_[right].id);
  });
}

// Every pair of the group is a candidate, but for records whose order the other side names too: they are kept for it.
void IdGroups::add_small(Positions claims, Positions truths) {
  sort(claims, truths);
  std::vector<bool> is_same(claims.size() * truths.size(), false);
  std::vector<bool> has_claim(truths.size(), false);
  std::vector<bool> has_truth(claims.size(), false);
  for (std::size_t c = 0; c < claims.size(); ++c) {
    for (std::size_t t = 0; t < truths.size(); ++t) {
      if (OrderKey::is_named(claims_[claims[c]]) && OrderKey::compare(claims_[claims[c]], truths_[truths[t]]) == 0) {
        is_same[c * truths.size() + t] = has_claim[t] = has_truth[c] = true;
      }
    }
  }
  const auto first_truth = static_cast<std::uint32_t>(graph_truths_.size());
  for (std::size_t c = 0; c < claims.size(); ++c) {
    const PairSide claim = side_of(claims_[claims[c]]);
    for (std::size_t t = 0; t < truths.size(); ++t) {
      if (is_same[c * truths.size() + t] || (!has_truth[c] && !has_claim[t])) {
        graph_.candidates.push_back(
            {first_truth + static_cast<std::uint32_t>(t), score_.of_connected(claim, side_of(truths_[truths[t]]))});
      }
    }
    graph_.first.push_back(static_cast<std::uint32_t>(graph_.candidates.size()));
  }
  graph_claims_.insert(graph_claims_.end(), claims.begin(), claims.end());
  graph_truths_.insert(graph_truths_.end(), truths.begin(), truths.end());
  graph_.truths = static_cast<std::uint32_t>(graph_truths_.size());
}

// Orders that both sides name first, each a group of its own; what is left is one more.
void IdGroups::add_large_by_order(const Positions& claims, const Positions& truths) {
  const std::vector<KeyEntry> claim_orders = sort_by_key<OrderKey>(claims_, claims);
  const std::vector<KeyEntry> truth_orders = sort_by_key<OrderKey>(truths_, truths);
  Positions ordered_claims;
  Positions ordered_truths;
  join_by_key<OrderKey>(claims_, std::span(claim_orders), truths_, std::span(truth_orders), [&](auto left, auto right) {
    for (const KeyEntry& entry : left) {
      ordered_claims.push_back(entry.position);
    }
    for (const KeyEntry& entry : right) {
      ordered_truths.push_back(entry.position);
    }
    if (left.size() * right.size() <= kMaxPairsPerGroup) {
      add(left, right);
    } else {
      add_large(positions_of(left), positions_of(right));
    }
  });
  add_large(without(claims, std::move(ordered_claims)), without(truths, std::move(ordered_truths)));
}

void IdGroups::add_large(const Positions& claims, const Positions& truths) {
  Positions taken_claims;
  Positions taken_truths;
  for (Match match : compete(claims_, claims, truths_, truths, rules_)) {
    taken_claims.push_back(match.claim);
    taken_truths.push_back(match.truth);
    match.rule = rule_;
    match.confidence_permille = permille_of_connected(match.confidence_permille * 1'000);
    match.runner_up_permille = match.runner_up == kNone ? 0 : permille_of_connected(match.runner_up_permille * 1'000);
    matches_.push_back(match);
  }
  Positions claims_left = without(claims, std::move(taken_claims));
  Positions truths_left = without(truths, std::move(taken_truths));
  sort(claims_left, truths_left);
  for (std::size_t i = 0; i < std::min(claims_left.size(), truths_left.size()); ++i) {
    matches_.push_back(match_of(claims_left[i], truths_left[i], kLeftoverPermille));
  }
}

std::vector<Match> IdGroups::take() {
  const Assignment assignment = solve_assignment(graph_);
  std::vector<std::uint32_t> rivals(graph_truths_.size(), 0);
  for (const Candidate& candidate : graph_.candidates) {
    ++rivals[candidate.truth];
  }
  for (std::uint32_t claim = 0; claim < graph_.claims(); ++claim) {
    const std::uint32_t truth = assignment.truth_of[claim];
    if (truth == kNone) {
      continue;
    }
    const std::uint32_t count = graph_.first[claim + 1] - graph_.first[claim];
    Match match = match_of(graph_claims_[claim], graph_truths_[truth], kCertain);
    Candidate second;
    for (std::uint32_t i = graph_.first[claim]; i < graph_.first[claim + 1]; ++i) {
      const Candidate& candidate = graph_.candidates[i];
      if (candidate.truth == truth) {
        if (count > 1 || rivals[truth] > 1) {
          match.confidence_permille = permille_of_connected(candidate.weight);
        }
      } else if (candidate.weight > second.weight) {
        second = candidate;
      }
    }
    if (second.weight > 0) {
      match.runner_up = graph_truths_[second.truth];
      match.runner_up_permille = permille_of_connected(second.weight);
    }
    matches_.push_back(match);
  }
  graph_ = {};
  graph_claims_.clear();
  graph_truths_.clear();
  return std::exchange(matches_, {});
}

}  // namespace tallystick::reconcile
