#pragma once
// Which truths are candidates for which claims that no id connects: the best few of the nearest, found in sorted lists.
// What is looked at and what is kept is bounded for every claim, by rules that know content and never position. One
// thread; docs/reconciliation.md, "Candidates".

#include <cstdint>
#include <span>
#include <vector>

#include "reconcile/assignment.h"
#include "reconcile/pair_score.h"

namespace tallystick::reconcile {

// A record that takes part, numbered by its place among the contenders of its side.
struct Contender {
  PairSide side;
  std::uint32_t position = 0;  // in the span that is matched
};

// In the order of time, then of the rest of the content, then of keys. Equal ones but for the key stand together.
void sort_contenders(std::vector<Contender>& contenders, std::span<const Claim> claims);
void sort_contenders(std::vector<Contender>& contenders, std::span<const Truth> truths);

struct CandidateLimits {
  std::uint32_t kept = 16;             // for a claim
  std::uint32_t equal_amounts = 32;    // looked at, the nearest in time on either side
  std::uint32_t similar_amounts = 64;  // likewise, in the class of the claim's amount and in its neighbours

  [[nodiscard]] CandidateLimits times(std::uint32_t factor) const {
    return {kept * factor, equal_amounts * factor, similar_amounts * factor};
  }
};

class CandidateSearch {
 public:
  // All must outlive it; contenders are sorted.
  CandidateSearch(std::span<const Contender> claims, std::span<const Contender> truths, const PairScore& score);

  struct Found {
    CandidateGraph graph;  // weights are gains
    bool is_whole = true;  // no limit has kept a pair out
  };
  [[nodiscard]] Found find(const CandidateLimits& limits);

 private:
  // Truths by currency and amount, and by currency and class of amounts; within each in the order of their numbers.
  struct Entry {
    std::int64_t key = 0;
    std::uint16_t currency = 0;
    std::uint32_t truth = 0;
  };
  struct Look {
    std::uint32_t count;   // on either side
    std::uint32_t middle;  // the first truth that is not before the claim
    bool is_equal;         // whether the list is that of equal amounts
  };

  void look_at(const Contender& claim, std::span<const Entry> list, std::int64_t key, const Look& look);
  void look_for(const Contender& claim, std::uint32_t middle, std::uint32_t twins, const CandidateLimits& limits);
  void keep(std::uint32_t twins, std::uint32_t kept, CandidateGraph& graph);
  bool take(const Contender& claim, const Entry& entry, bool is_equal);
  void weigh();

  std::span<const Contender> claims_, truths_;
  const PairScore& score_;
  std::int64_t class_width_;
  std::vector<Entry> by_amount_, by_class_;
  std::vector<Candidate> found_;  // scores until the claim is done, then gains
  PairScore::Rate rate_;          // of truths of the claim's amount
  bool is_whole_ = true;
};

}  // namespace tallystick::reconcile
