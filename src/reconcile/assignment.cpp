#include "reconcile/assignment.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

namespace tallystick::reconcile {
namespace {

constexpr std::int32_t kFar = std::numeric_limits<std::int32_t>::max();

// Groups of competitors: claims that are connected through truths.
class Groups {
 public:
  explicit Groups(const CandidateGraph& graph) : parent_(graph.claims()) {
    std::iota(parent_.begin(), parent_.end(), 0U);
    std::vector<std::uint32_t> claim_of(graph.truths, kNone);
    for (std::uint32_t claim = 0; claim < graph.claims(); ++claim) {
      for (std::uint32_t i = graph.first[claim]; i < graph.first[claim + 1]; ++i) {
        std::uint32_t& other = claim_of[graph.candidates[i].truth];
        if (other == kNone) {
          other = claim;
        } else {
          unite(other, claim);
        }
      }
    }
  }

  [[nodiscard]] std::uint32_t of(std::uint32_t claim) {
    while (parent_[claim] != claim) {
      parent_[claim] = parent_[parent_[claim]];
      claim = parent_[claim];
    }
    return claim;
  }

 private:
  void unite(std::uint32_t left, std::uint32_t right) {
    left = of(left);
    right = of(right);
    parent_[std::max(left, right)] = std::min(left, right);
  }

  std::vector<std::uint32_t> parent_;
};

// Prices of claims and truths are never negative, their sum is at least the weight of a pair, and equal to it where the
// pair is matched; what is free costs nothing. So the matching is optimal among the claims added so far.
class Solver {
 public:
  explicit Solver(const CandidateGraph& graph)
      : graph_(graph),
        claim_price_(graph.claims(), 0),
        truth_price_(graph.truths, 0),
        truth_of_(graph.claims(), kNone),
        claim_of_(graph.truths, kNone),
        distance_(graph.truths, kFar),
        before_(graph.truths, kNone) {}

  // How many pairs were looked at.
  std::int64_t add(std::uint32_t claim) {
    looks_ = 0;
    std::int32_t best = 0;
    std::uint32_t free_truth = kNone;
    for (const Candidate& candidate : candidates_of(claim)) {
      const std::int32_t surplus = candidate.weight - truth_price_[candidate.truth];
      const bool is_free = claim_of_[candidate.truth] == kNone;
      if (surplus > best || (surplus == best && is_free && free_truth == kNone)) {
        best = surplus;
        free_truth = is_free ? candidate.truth : kNone;
      }
    }
    claim_price_[claim] = best;
    if (best > 0 && free_truth != kNone) {  // nothing can be nearer than at no cost
      match(claim, free_truth);
    } else if (best > 0) {
      search(claim);
    }
    return looks_;
  }

  void match(std::uint32_t claim, std::uint32_t truth) {
    truth_of_[claim] = truth;
    claim_of_[truth] = claim;
  }
  [[nodiscard]] bool is_free(std::uint32_t truth) const { return claim_of_[truth] == kNone; }
  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(truth_of_); }

 private:
  struct Reached {
    std::uint32_t number;
    std::int32_t distance;
  };
  // Where the path ends: at a free truth, or at a claim that is given up.
  struct End {
    std::int32_t distance;
    std::uint32_t free_truth;
    std::uint32_t lost_claim;
  };

  [[nodiscard]] std::span<const Candidate> candidates_of(std::uint32_t claim) {
    const std::uint32_t first = graph_.first[claim];
    const std::uint32_t count = graph_.first[claim + 1] - first;
    looks_ += count;
    return std::span(graph_.candidates).subspan(first, count);
  }

  void search(std::uint32_t claim) {
    End end{claim_price_[claim], kNone, claim};
    reach(claim, 0, end);
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const auto distance = static_cast<std::int32_t>(heap_.back() >> 32U);
      const auto truth = static_cast<std::uint32_t>(heap_.back());
      heap_.pop_back();
      if (distance >= end.distance) {
        break;
      }
      if (distance == distance_[truth]) {
        settled_.push_back({truth, distance});
        distance_[truth] = -1 - distance;  // done: nothing is nearer
        reach(claim_of_[truth], distance, end);
      }
    }
    update_prices(end.distance);
    augment(claim, end);
    forget();
  }

  void reach(std::uint32_t claim, std::int32_t distance, End& end) {
    reached_.push_back({claim, distance});
    if (distance + claim_price_[claim] < end.distance) {
      end = {distance + claim_price_[claim], kNone, claim};
    }
    const std::int32_t base = distance + claim_price_[claim];
    for (const Candidate& candidate : candidates_of(claim)) {
      const std::uint32_t truth = candidate.truth;
      const std::int32_t next = base + truth_price_[truth] - candidate.weight;
      if (next > end.distance || next >= distance_[truth]) {
        continue;
      }
      if (claim_of_[truth] == kNone) {
        if (next < end.distance || end.free_truth == kNone) {
          end = {next, truth, kNone};
          before_[truth] = claim;
        }
      } else if (next < end.distance) {
        if (distance_[truth] == kFar) {
          touched_.push_back(truth);
        }
        distance_[truth] = next;
        before_[truth] = claim;
        heap_.push_back((static_cast<std::uint64_t>(next) << 32U) | truth);
        std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
      }
    }
  }

  void update_prices(std::int32_t end_distance) {
    for (const Reached& claim : reached_) {
      claim_price_[claim.number] -= end_distance - claim.distance;
    }
    for (const Reached& truth : settled_) {
      truth_price_[truth.number] += end_distance - truth.distance;
    }
  }

  // Turns the path around: every claim on it takes the truth that led to the next one.
  void augment(std::uint32_t start, const End& end) {
    std::uint32_t truth = end.free_truth;
    if (truth == kNone) {
      truth = std::exchange(truth_of_[end.lost_claim], kNone);
      if (end.lost_claim == start) {
        return;
      }
    }
    while (true) {
      const std::uint32_t claim = before_[truth];
      const std::uint32_t next = truth_of_[claim];
      match(claim, truth);
      if (claim == start) {
        return;
      }
      truth = next;
    }
  }

  void forget() {
    for (const std::uint32_t truth : touched_) {
      distance_[truth] = kFar;
    }
    heap_.clear();
    touched_.clear();
    reached_.clear();
    settled_.clear();
  }

  const CandidateGraph& graph_;
  std::vector<std::int32_t> claim_price_, truth_price_;
  std::vector<std::uint32_t> truth_of_, claim_of_;
  std::vector<std::int32_t> distance_;  // of a matched truth from the new claim; negative: done
  std::vector<std::uint32_t> before_;   // the claim from which the truth was reached
  std::vector<std::uint64_t> heap_;     // distance, then number
  std::vector<std::uint32_t> touched_;
  std::vector<Reached> reached_, settled_;
  std::int64_t looks_ = 0;
};

// Claims that were left when their group's looks were used up, by weight, then by number.
void fill_greedily(const CandidateGraph& graph, const std::vector<std::uint32_t>& claims, Solver& solver) {
  struct Pair {
    std::int32_t weight;
    std::uint32_t claim, truth;
  };
  std::vector<Pair> pairs;
  for (const std::uint32_t claim : claims) {
    for (std::uint32_t i = graph.first[claim]; i < graph.first[claim + 1]; ++i) {
      if (solver.is_free(graph.candidates[i].truth)) {
        pairs.push_back({graph.candidates[i].weight, claim, graph.candidates[i].truth});
      }
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& left, const Pair& right) {
    return std::tie(right.weight, left.claim, left.truth) < std::tie(left.weight, right.claim, right.truth);
  });
  std::vector<bool> is_done(graph.claims(), false);
  for (const Pair& pair : pairs) {
    if (!is_done[pair.claim] && solver.is_free(pair.truth)) {
      is_done[pair.claim] = true;
      solver.match(pair.claim, pair.truth);
    }
  }
}

}  // namespace

Assignment solve_assignment(const CandidateGraph& graph, std::int64_t looks_per_group, std::int64_t looks_per_pair) {
  const std::uint32_t claims = graph.claims();
  Groups groups(graph);
  std::vector<std::int64_t> pairs(claims, 0);
  std::vector<std::int64_t> looks_left(claims, 0);
  for (std::uint32_t claim = 0; claim < claims; ++claim) {
    pairs[groups.of(claim)] += graph.first[claim + 1] - graph.first[claim];
  }
  for (std::uint32_t claim = 0; claim < claims; ++claim) {
    looks_left[claim] = looks_per_group + looks_per_pair * pairs[claim];
  }
  Solver solver(graph);
  std::vector<std::uint32_t> late;
  for (std::uint32_t claim = 0; claim < claims; ++claim) {
    std::int64_t& looks = looks_left[groups.of(claim)];
    if (looks < 0) {
      late.push_back(claim);
    } else {
      looks -= solver.add(claim);
    }
  }
  Assignment assignment{.truth_of = {}, .is_bounded = std::vector<bool>(claims, false)};
  if (!late.empty()) {
    fill_greedily(graph, late, solver);
    std::vector<bool> is_late(claims, false);
    for (const std::uint32_t claim : late) {
      is_late[groups.of(claim)] = true;
    }
    for (std::uint32_t claim = 0; claim < claims; ++claim) {
      assignment.is_bounded[claim] = is_late[groups.of(claim)];
    }
  }
  assignment.truth_of = solver.take();
  return assignment;
}

}  // namespace tallystick::reconcile
