#pragma once
// The assignment with the greatest total weight: one truth at most for each claim and one claim for each truth, exact
// for every group of competitors. Claims are added one by one, each along a shortest augmenting path over reduced
// costs (Jonker and Volgenant; Mehlhorn and Naeher, "LEDA", 7.8), found by Dijkstra's algorithm that ends as soon as
// nothing nearer is left; a path may also end at a claim that is better given up. Integers throughout. The outcome
// depends on the numbering alone: whoever numbers by content gets the same for any order of rows. Thread-safe.

#include <cstdint>
#include <vector>

#include "reconcile/model.h"

namespace tallystick::reconcile {

struct Candidate {
  std::uint32_t truth = 0;
  std::int32_t weight = 0;  // positive, at most kMaxWeight
};
inline constexpr std::int32_t kMaxWeight = 1 << 20;

// Claims and truths by number. Numbers that are near each other in time make the search short.
struct CandidateGraph {
  std::uint32_t truths = 0;
  std::vector<std::uint32_t> first = {0};  // of claim c: candidates [first[c], first[c + 1]), each truth once
  std::vector<Candidate> candidates;

  [[nodiscard]] std::uint32_t claims() const { return static_cast<std::uint32_t>(first.size() - 1); }
};

struct Assignment {
  std::vector<std::uint32_t> truth_of;  // kNone: none
  // Whether the claim's group was too much work to be solved exactly: what was not done by then is filled up greedily.
  std::vector<bool> is_bounded;
};

// Looks at pairs that a group of competitors may cost, each time one is looked at: as often as there are claims, as far
// as that stays below this figure or kLooksPerPair. Groups of up to about two thousand are always exact.
inline constexpr std::int64_t kLooksPerGroup = std::int64_t{1} << 26;
inline constexpr std::int64_t kLooksPerPair = 64;

[[nodiscard]] Assignment solve_assignment(const CandidateGraph& graph,
                                          std::int64_t looks_per_group = kLooksPerGroup,
                                          std::int64_t looks_per_pair = kLooksPerPair);

}  // namespace tallystick::reconcile
