#include "reconcile/competition.h"

#include <algorithm>

#include "reconcile/candidate_search.h"

namespace tallystick::reconcile {
namespace {

constexpr std::uint32_t kMaxRounds = 8;
// Bounds memory (8 bytes a pair) and time of a later round; the first one keeps its limits whatever the number.
constexpr std::uint64_t kPairsPerRound = std::uint64_t{1} << 24U;

std::uint16_t permille_of(std::int32_t score, bool is_bounded) {
  return static_cast<std::uint16_t>(is_bounded ? score / 2'000 : score / 1'000);
}

struct Round {
  std::uint32_t number = 0;
  bool is_whole = true;
};

class Competition {
 public:
  Competition(std::vector<Contender> claims, std::vector<Contender> truths, PairScore score)
      : claims_(std::move(claims)), truths_(std::move(truths)), score_(std::move(score)) {}

  std::vector<Match> run() {
    for (std::uint32_t number = 0; number < kMaxRounds && !claims_.empty() && !truths_.empty(); ++number) {
      const std::size_t before = matches_.size();
      if (play(number) || matches_.size() == before) {
        break;
      }
    }
    return std::move(matches_);
  }

 private:
  // Whether no pair was kept out by a limit.
  bool play(std::uint32_t number) {
    const std::uint64_t share = std::max<std::uint64_t>(kPairsPerRound / claims_.size() / CandidateLimits{}.kept, 1);
    const auto factor = static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{1} << number, share));
    const CandidateSearch::Found found =
        CandidateSearch(claims_, truths_, score_).find(CandidateLimits{}.times(factor));
    const Assignment assignment = solve_assignment(found.graph);
    take(found.graph, assignment, number > 0);
    return found.is_whole;
  }

  void take(const CandidateGraph& graph, const Assignment& assignment, bool is_later) {
    std::vector<bool> is_taken(truths_.size(), false);
    std::vector<Contender> claims_left;
    for (std::uint32_t claim = 0; claim < claims_.size(); ++claim) {
      const std::uint32_t truth = assignment.truth_of[claim];
      if (truth == kNone) {
        claims_left.push_back(claims_[claim]);
        continue;
      }
      is_taken[truth] = true;
      const bool is_bounded = is_later || assignment.is_bounded[claim];
      Match match{.claim = claims_[claim].position, .truth = truths_[truth].position, .rule = MatchRule::kAssignment};
      Candidate second;
      for (std::uint32_t i = graph.first[claim]; i < graph.first[claim + 1]; ++i) {
        const Candidate& candidate = graph.candidates[i];
        if (candidate.truth != truth && (candidate.weight > second.weight ||
                                         (candidate.weight == second.weight && candidate.truth < second.truth))) {
          second = candidate;
        }
      }
      match.confidence_permille = permille_of(score_.of(claims_[claim].side, truths_[truth].side), is_bounded);
      if (second.weight > 0) {
        match.runner_up = truths_[second.truth].position;
        match.runner_up_permille = permille_of(score_.of(claims_[claim].side, truths_[second.truth].side), is_bounded);
      }
      matches_.push_back(match);
    }
    std::uint32_t kept = 0;
    for (std::uint32_t truth = 0; truth < truths_.size(); ++truth) {
      if (!is_taken[truth]) {
        truths_[kept++] = truths_[truth];
      }
    }
    truths_.resize(kept);
    claims_ = std::move(claims_left);
  }

  std::vector<Contender> claims_, truths_;
  PairScore score_;
  std::vector<Match> matches_;
};

template <typename Record>
std::vector<Contender> contenders_of(std::span<const Record> records, std::span<const std::uint32_t> positions) {
  std::vector<Contender> contenders;
  contenders.reserve(positions.size());
  for (const std::uint32_t position : positions) {
    contenders.push_back({side_of(records[position]), position});
  }
  sort_contenders(contenders, records);
  return contenders;
}

}  // namespace

std::vector<Match> compete(std::span<const Claim> claims,
                           std::span<const std::uint32_t> claim_positions,
                           std::span<const Truth> truths,
                           std::span<const std::uint32_t> truth_positions,
                           const MatchRules& rules,
                           const PairHabits& known) {
  if (claim_positions.empty() || truth_positions.empty()) {
    return {};
  }
  std::vector<Contender> their = contenders_of(claims, claim_positions);
  std::vector<Contender> our = contenders_of(truths, truth_positions);
  PairHabits habits = known;
  if (known.total() < PairHabits::kLeast) {
    std::vector<Match> matches = Competition(their, our, PairScore(rules)).run();
    if (matches.size() < PairHabits::kLeast) {
      return matches;
    }
    habits.add(matches, claims, truths);
  }
  return Competition(std::move(their), std::move(our), PairScore(rules, habits)).run();
}

}  // namespace tallystick::reconcile
