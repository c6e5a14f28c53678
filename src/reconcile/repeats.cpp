#include "reconcile/repeats.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "reconcile/keys.h"

namespace tallystick::reconcile {
namespace {

using RowPositions = std::vector<std::uint32_t>;

std::vector<bool> flag_matched(std::size_t count, const Matching& matching, std::uint32_t Match::*side) {
  std::vector<bool> is_matched(count, false);
  for (const Match& match : matching.matches) {
    is_matched[match.*side] = true;
  }
  return is_matched;
}

RowPositions rows_of(std::span<const Claim> claims, bool is_correction) {
  RowPositions positions;
  for (std::uint32_t i = 0; i < claims.size(); ++i) {
    if (claims[i].is_correction == is_correction) {
      positions.push_back(i);
    }
  }
  return positions;
}

// Of records that say the same, those without a match repeat it, but for the first when none has one.
template <typename IsBefore>
void flag_repeats(std::span<const KeyEntry> same,
                  const std::vector<bool>& is_matched,
                  const IsBefore& is_before,
                  std::vector<bool>& is_repeated) {
  std::uint32_t first = kNone;
  bool has_match = false;
  for (const KeyEntry& entry : same) {
    has_match = has_match || is_matched[entry.position];
    if (first == kNone || is_before(entry.position, first)) {
      first = entry.position;
    }
  }
  for (const KeyEntry& entry : same) {
    if (!is_matched[entry.position] && (has_match || entry.position != first)) {
      is_repeated[entry.position] = true;
    }
  }
}

// Rows of one click that name no order, by amount.
template <typename IsBefore>
void flag_repeats_of_click(std::span<const Claim> claims,
                           std::vector<KeyEntry> rows,
                           const std::vector<bool>& is_matched,
                           const IsBefore& is_before,
                           std::vector<bool>& is_repeated) {
  const auto amount_of = [&](const KeyEntry& entry) {
    const Claim& claim = claims[entry.position];
    return std::tie(claim.amount_minor, claim.currency);
  };
  std::erase_if(rows, [&](const KeyEntry& entry) { return OrderKey::is_named(claims[entry.position]); });
  std::sort(rows.begin(), rows.end(), [&](const KeyEntry& left, const KeyEntry& right) {
    return amount_of(left) < amount_of(right);
  });
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto end =
        std::find_if(begin, rows.end(), [&](const KeyEntry& entry) { return amount_of(entry) != amount_of(*begin); });
    flag_repeats(std::span(begin, end), is_matched, is_before, is_repeated);
    begin = end;
  }
}

}  // namespace

std::vector<bool> find_repeated_claims(std::span<const Claim> claims, const Matching& matching) {
  std::vector<bool> is_repeated(claims.size(), false);
  if (matching.only_claims.empty()) {
    return is_repeated;
  }
  const std::vector<bool> is_matched = flag_matched(claims.size(), matching, &Match::claim);
  const auto is_before = [&](std::uint32_t left, std::uint32_t right) {
    return claims[left].key < claims[right].key;
  };
  const RowPositions rows = rows_of(claims, false);
  const auto by_order = sort_by_key<OrderKey>(claims, rows);
  const auto alone_by_order = sort_by_key<OrderKey>(claims, matching.only_claims);
  join_by_key<OrderKey>(claims, std::span(alone_by_order), claims, std::span(by_order), [&](auto, auto same) {
    flag_repeats(same, is_matched, is_before, is_repeated);
  });
  const auto by_click = sort_by_key<ClickKey>(claims, rows);
  const auto alone_by_click = sort_by_key<ClickKey>(claims, matching.only_claims);
  join_by_key<ClickKey>(claims, std::span(alone_by_click), claims, std::span(by_click), [&](auto, auto same) {
    flag_repeats_of_click(claims, {same.begin(), same.end()}, is_matched, is_before, is_repeated);
  });
  return is_repeated;
}

std::vector<bool> find_repeated_truths(std::span<const Truth> truths, const Matching& matching) {
  std::vector<bool> is_repeated(truths.size(), false);
  if (matching.only_truths.empty()) {
    return is_repeated;
  }
  const std::vector<bool> is_matched = flag_matched(truths.size(), matching, &Match::truth);
  const auto is_before = [&](std::uint32_t left, std::uint32_t right) {
    return truths[left].id < truths[right].id;
  };
  RowPositions conversions;
  for (std::uint32_t i = 0; i < truths.size(); ++i) {
    if (truths[i].kind == TruthKind::kConversion) {
      conversions.push_back(i);
    }
  }
  const auto by_order = sort_by_key<OrderKey>(truths, conversions);
  const auto alone_by_order = sort_by_key<OrderKey>(truths, matching.only_truths);
  join_by_key<OrderKey>(truths, std::span(alone_by_order), truths, std::span(by_order), [&](auto, auto same) {
    flag_repeats(same, is_matched, is_before, is_repeated);
  });
  return is_repeated;
}

Corrections::Corrections(std::span<const Claim> claims, const Matching& matching) : claims_(claims) {
  const RowPositions corrections = rows_of(claims, true);
  if (corrections.empty()) {
    return;
  }
  const std::vector<bool> is_matched = flag_matched(claims.size(), matching, &Match::claim);
  const RowPositions rows = rows_of(claims, false);
  std::vector<std::uint32_t> amended(claims.size(), kNone);
  const auto attach = [&](std::span<const KeyEntry> amending, std::span<const KeyEntry> same) {
    const auto is_before = [&](const KeyEntry& left, const KeyEntry& right) {
      const bool is_left_alone = !is_matched[left.position];
      const bool is_right_alone = !is_matched[right.position];
      return std::tie(is_left_alone, claims[left.position].key) < std::tie(is_right_alone, claims[right.position].key);
    };
    const std::uint32_t row = std::min_element(same.begin(), same.end(), is_before)->position;
    for (const KeyEntry& entry : amending) {
      if (amended[entry.position] == kNone) {  // the order says more than the click
        amended[entry.position] = row;
      }
    }
  };
  const auto by_order = sort_by_key<OrderKey>(claims, rows);
  const auto amending_by_order = sort_by_key<OrderKey>(claims, corrections);
  join_by_key<OrderKey>(claims, std::span(amending_by_order), claims, std::span(by_order), attach);
  const auto by_click = sort_by_key<ClickKey>(claims, rows);
  const auto amending_by_click = sort_by_key<ClickKey>(claims, corrections);
  join_by_key<ClickKey>(claims, std::span(amending_by_click), claims, std::span(by_click), attach);
  for (const std::uint32_t correction : corrections) {
    links_.push_back({amended[correction], correction});
  }
  std::sort(links_.begin(), links_.end(), [](const Link& left, const Link& right) {
    return std::tie(left.claim, left.correction) < std::tie(right.claim, right.correction);
  });
}

Wide Corrections::sum_for(std::uint32_t claim) const {
  Wide sum = 0;
  const auto first =
      std::partition_point(links_.begin(), links_.end(), [&](const Link& link) { return link.claim < claim; });
  for (auto link = first; link != links_.end() && link->claim == claim; ++link) {
    const Claim& correction = claims_[link->correction];
    if (correction.status != Status::kPending && correction.currency == claims_[claim].currency) {
      sum += correction.commission_minor;
    }
  }
  return sum;
}

}  // namespace tallystick::reconcile
