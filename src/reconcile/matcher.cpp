#include "reconcile/matcher.h"

#include <algorithm>
#include <utility>

#include "reconcile/competition.h"
#include "reconcile/id_groups.h"
#include "reconcile/keys.h"

namespace tallystick::reconcile {
namespace {

using Positions = std::vector<std::uint32_t>;

template <typename Condition>
Positions positions_where(std::size_t count, Condition&& condition) {
  Positions positions;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (condition(i)) {
      positions.push_back(i);
    }
  }
  return positions;
}

class Matcher {
 public:
  Matcher(std::span<const Claim> claims, std::span<const Truth> truths, const MatchRules& rules)
      : claims_(claims),
        truths_(truths),
        rules_(rules),
        is_claim_taken_(claims.size(), false),
        is_truth_taken_(truths.size(), false) {}

  Matching run() {
    match_clicks(TruthKind::kConversion);
    match_orders();
    match_clicks(TruthKind::kClick);
    match_others();
    std::sort(matching_.matches.begin(), matching_.matches.end(), [](const Match& left, const Match& right) {
      return left.claim < right.claim;
    });
    matching_.only_claims = positions_where(claims_.size(), [&](std::uint32_t i) { return is_free_claim(i); });
    matching_.only_truths = positions_where(truths_.size(), [&](std::uint32_t i) { return !is_truth_taken_[i]; });
    return std::move(matching_);
  }

 private:
  [[nodiscard]] bool is_free_claim(std::uint32_t i) const { return !is_claim_taken_[i] && !claims_[i].is_correction; }

  void take(const std::vector<Match>& matches) {
    for (const Match& match : matches) {
      is_claim_taken_[match.claim] = true;
      is_truth_taken_[match.truth] = true;
    }
    matching_.matches.insert(matching_.matches.end(), matches.begin(), matches.end());
  }

  void match_clicks(TruthKind kind) {
    const std::vector<KeyEntry> claims =
        sort_by_key<ClickKey>(claims_, positions_where(claims_.size(), [&](std::uint32_t i) {
                                return is_free_claim(i) && ClickKey::is_named(claims_[i]);
                              }));
    const std::vector<KeyEntry> truths =
        sort_by_key<ClickKey>(truths_, positions_where(truths_.size(), [&](std::uint32_t i) {
                                return truths_[i].kind == kind && !is_truth_taken_[i];
                              }));
    IdGroups groups(MatchRule::kClickId, claims_, truths_, rules_);
    join_by_key<ClickKey>(claims_, std::span(claims), truths_, std::span(truths), [&](auto left, auto right) {
      groups.add(left, right);
    });
    take(groups.take());
  }

  void match_orders() {
    const std::vector<KeyEntry> claims = sort_by_key<OrderKey>(
        claims_, positions_where(claims_.size(), [&](std::uint32_t i) { return is_free_claim(i); }));
    if (claims.empty()) {
      return;
    }
    const std::vector<KeyEntry> truths = sort_by_key<OrderKey>(
        truths_,
        positions_where(truths_.size(), [&](std::uint32_t i) { return truths_[i].kind == TruthKind::kConversion; }));
    IdGroups groups(MatchRule::kOrderId, claims_, truths_, rules_);
    std::vector<KeyEntry> free_truths;
    join_by_key<OrderKey>(claims_, std::span(claims), truths_, std::span(truths), [&](auto left, auto right) {
      free_truths.clear();
      for (const KeyEntry& truth : right) {
        if (!is_truth_taken_[truth.position]) {
          free_truths.push_back(truth);
        }
      }
      for (const KeyEntry& claim : left) {
        names_our_order_.push_back(claim.position);
      }
      if (!free_truths.empty()) {
        groups.add(left, free_truths);
      }
    });
    take(groups.take());
  }

  void match_others() {
    std::sort(names_our_order_.begin(), names_our_order_.end());
    const Positions claims = positions_where(claims_.size(), [&](std::uint32_t i) {
      return is_free_claim(i) && !ClickKey::is_named(claims_[i]) &&
             !std::binary_search(names_our_order_.begin(), names_our_order_.end(), i);
    });
    const Positions truths = positions_where(truths_.size(), [&](std::uint32_t i) {
      return truths_[i].kind == TruthKind::kConversion && !is_truth_taken_[i];
    });
    PairHabits habits;
    habits.add(matching_.matches, claims_, truths_);
    take(compete(claims_, claims, truths_, truths, rules_, habits));
  }

  std::span<const Claim> claims_;
  std::span<const Truth> truths_;
  const MatchRules& rules_;
  std::vector<bool> is_claim_taken_, is_truth_taken_;
  Positions names_our_order_;  // claims
  Matching matching_;
};

}  // namespace

base::Result<Matching> match(std::span<const Claim> claims, std::span<const Truth> truths, const MatchRules& rules) {
  if (claims.size() > kMaxRecords || truths.size() > kMaxRecords) {
    return base::fail(base::ErrorKind::kTooLarge,
                      "too_many_records",
                      "more than 67,108,864 records on a side; reconcile a shorter period");
  }
  return Matcher(claims, truths, rules).run();
}

}  // namespace tallystick::reconcile
