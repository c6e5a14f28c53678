#pragma once
// Claims and truths that an id connects: those alone in their group match, the others compete within it. One thread;
// docs/reconciliation.md, "Matching".

#include <cstdint>
#include <span>
#include <vector>

#include "reconcile/assignment.h"
#include "reconcile/keys.h"
#include "reconcile/matcher.h"
#include "reconcile/model.h"
#include "reconcile/pair_score.h"

namespace tallystick::reconcile {

// In a group of more pairs than that, candidates are those of an assignment, and what is left is matched in the order
// of time, at kLeftoverPermille.
inline constexpr std::size_t kMaxPairsPerGroup = 1'024;
inline constexpr std::uint16_t kLeftoverPermille = 250;

class IdGroups {
 public:
  // Spans must outlive it.
  IdGroups(MatchRule rule, std::span<const Claim> claims, std::span<const Truth> truths, const MatchRules& rules)
      : rule_(rule), claims_(claims), truths_(truths), rules_(rules), score_(rules) {}

  // A group whose records share a click, or an order.
  void add(std::span<const KeyEntry> claims, std::span<const KeyEntry> truths);
  // All matches of the groups that were added.
  [[nodiscard]] std::vector<Match> take();

 private:
  using Positions = std::vector<std::uint32_t>;

  void add_small(Positions claims, Positions truths);
  void add_large(const Positions& claims, const Positions& truths);
  void add_large_by_order(const Positions& claims, const Positions& truths);
  [[nodiscard]] Match match_of(std::uint32_t claim, std::uint32_t truth, std::uint16_t confidence) const {
    return {.claim = claim, .truth = truth, .rule = rule_, .confidence_permille = confidence};
  }
  void sort(Positions& claims, Positions& truths) const;

  MatchRule rule_;
  std::span<const Claim> claims_;
  std::span<const Truth> truths_;
  MatchRules rules_;
  PairScore score_;
  std::vector<Match> matches_;
  // All small groups that compete, solved at once: positions of the graph's claims and truths.
  CandidateGraph graph_;
  Positions graph_claims_, graph_truths_;
};

}  // namespace tallystick::reconcile
