#include "reconcile/candidate_search.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "reconcile/logarithm.h"

namespace tallystick::reconcile {
namespace {

std::uint16_t number_of(const base::Currency& currency) {
  const auto letter = [&](std::size_t i) {
    return static_cast<unsigned>(currency.code[i]) & 31U;
  };
  return static_cast<std::uint16_t>((letter(0) << 10U) | (letter(1) << 5U) | letter(2));
}

// Amounts that may be candidates of each other lie in one class or in neighbouring ones: classes are twice as wide, on
// the broken-line logarithm, as the share by which amounts may differ.
std::int64_t class_of(std::int64_t amount_minor, std::int64_t width) {
  if (amount_minor == 0) {
    return 0;
  }
  const bool is_negative = amount_minor < 0;
  const auto magnitude =
      is_negative ? 0 - static_cast<std::uint64_t>(amount_minor) : static_cast<std::uint64_t>(amount_minor);
  const std::int64_t number = 2 + log2_of_ratio(magnitude - 1, 1) / width;  // leaves 1 free: 0 has no neighbours
  return is_negative ? -number : number;
}

auto content_of(const PairSide& side) {
  return std::tie(side.occurred_us, side.currency, side.amount_minor, side.link_id, side.has_order, side.stands);
}

}  // namespace

void sort_contenders(std::vector<Contender>& contenders, std::span<const Claim> claims) {
  std::sort(contenders.begin(), contenders.end(), [&](const Contender& left, const Contender& right) {
    if (const auto order = content_of(left.side) <=> content_of(right.side); order != 0) {
      return order < 0;
    }
    return claims[left.position].key < claims[right.position].key;
  });
}

void sort_contenders(std::vector<Contender>& contenders, std::span<const Truth> truths) {
  std::sort(contenders.begin(), contenders.end(), [&](const Contender& left, const Contender& right) {
    if (const auto order = content_of(left.side) <=> content_of(right.side); order != 0) {
      return order < 0;
    }
    return truths[left.position].id < truths[right.position].id;
  });
}

CandidateSearch::CandidateSearch(std::span<const Contender> claims,
                                 std::span<const Contender> truths,
                                 const PairScore& score)
    : claims_(claims),
      truths_(truths),
      score_(score),
      // In 2^20ths; shares are hundredths of a per cent. One more for what the logarithm cuts off.
      class_width_(2 * score.max_amount_basis_points() * (1 << 20) / 10'000 + 2) {
  by_amount_.reserve(truths.size());
  by_class_.reserve(truths.size());
  for (std::uint32_t i = 0; i < truths.size(); ++i) {
    const PairSide& side = truths[i].side;
    const std::uint16_t currency = number_of(side.currency);
    by_amount_.push_back({side.amount_minor, currency, i});
    by_class_.push_back({class_of(side.amount_minor, class_width_), currency, i});
  }
  for (auto* list : {&by_amount_, &by_class_}) {
    std::sort(list->begin(), list->end(), [](const Entry& left, const Entry& right) {
      return std::tie(left.currency, left.key, left.truth) < std::tie(right.currency, right.key, right.truth);
    });
  }
}

bool CandidateSearch::take(const Contender& claim, const Entry& entry, bool is_equal) {
  const PairSide& truth = truths_[entry.truth].side;
  if (!score_.is_within_lag(claim.side, truth)) {
    return false;
  }
  rate_.count += is_equal && score_.may_share_link(claim.side, truth) ? 1 : 0;
  if (is_equal || truth.amount_minor != claim.side.amount_minor) {
    if (const std::int32_t score = score_.of(claim.side, truth); score > 0) {
      found_.push_back({entry.truth, score});
    }
  }
  return true;
}

void CandidateSearch::look_at(const Contender& claim, std::span<const Entry> list, std::int64_t key, const Look& look) {
  const std::uint16_t currency = number_of(claim.side.currency);
  const auto is_in = [&](const Entry& entry) {
    return entry.currency == currency && entry.key == key;
  };
  const auto middle = std::partition_point(list.begin(), list.end(), [&](const Entry& entry) {
    return std::tie(entry.currency, entry.key, entry.truth) < std::tie(currency, key, look.middle);
  });
  // Whether the next one is to be looked at as well.
  const auto look_on = [&](const Entry& entry, std::uint32_t count, std::uint64_t& span_us) {
    const PairSide& truth = truths_[entry.truth].side;
    if (count == look.count) {
      is_whole_ = is_whole_ && !score_.is_within_lag(claim.side, truth);
      span_us = std::min(span_us, distance(claim.side.occurred_us, truth.occurred_us));
      return false;
    }
    return take(claim, entry, look.is_equal);
  };
  std::uint64_t after_us = score_.max_lag_us();
  std::uint64_t before_us = score_.max_lag_us();
  std::uint32_t count = 0;
  for (auto i = middle; i != list.end() && is_in(*i) && look_on(*i, count, after_us); ++i, ++count) {
  }
  count = 0;
  for (auto i = middle; i != list.begin() && is_in(*std::prev(i)) && look_on(*std::prev(i), count, before_us);
       --i, ++count) {
  }
  if (look.is_equal) {
    rate_.span_us = after_us + before_us;
  }
}

void CandidateSearch::look_for(const Contender& claim,
                               std::uint32_t middle,
                               std::uint32_t twins,
                               const CandidateLimits& limits) {
  found_.clear();
  rate_ = {.is_link_known = !claim.side.link_id.is_nil()};
  look_at(claim,
          by_amount_,
          claim.side.amount_minor,
          {.count = limits.equal_amounts + twins, .middle = middle, .is_equal = true});
  const std::int64_t klass = class_of(claim.side.amount_minor, class_width_);
  for (const std::int64_t neighbour : {klass - 1, klass, klass + 1}) {
    look_at(
        claim, by_class_, neighbour, {.count = limits.similar_amounts + twins, .middle = middle, .is_equal = false});
  }
}

void CandidateSearch::weigh() {
  for (Candidate& candidate : found_) {
    candidate.weight = score_.gain(candidate.weight, rate_);
  }
  std::erase_if(found_, [](const Candidate& candidate) { return candidate.weight <= 0; });
}

// Of claims that say the same, the second begins with the second best candidate, and so on: each has its own ones
// first, and giving the best ones to all of them together loses nothing.
void CandidateSearch::keep(std::uint32_t twins, std::uint32_t kept, CandidateGraph& graph) {
  const auto is_better = [](const Candidate& left, const Candidate& right) {
    return std::tie(right.weight, left.truth) < std::tie(left.weight, right.truth);
  };
  is_whole_ = is_whole_ && found_.size() <= kept;
  if (twins > 1) {
    std::sort(found_.begin(), found_.end(), is_better);
  } else if (found_.size() > kept) {
    std::nth_element(found_.begin(), found_.begin() + kept, found_.end(), is_better);
  }
  const auto all = static_cast<std::uint32_t>(found_.size());
  const std::uint32_t count = std::min(all, kept);
  for (std::uint32_t i = 0; i < twins; ++i) {
    const std::uint32_t begin = std::min(i < kept / 2 ? 0 : i - kept / 2, all - count);
    graph.candidates.insert(graph.candidates.end(), found_.begin() + begin, found_.begin() + begin + count);
    graph.first.push_back(static_cast<std::uint32_t>(graph.candidates.size()));
  }
}

CandidateSearch::Found CandidateSearch::find(const CandidateLimits& limits) {
  Found found;
  found.graph.truths = static_cast<std::uint32_t>(truths_.size());
  found.graph.first.reserve(claims_.size() + 1);
  is_whole_ = true;
  std::uint32_t middle = 0;
  for (std::size_t i = 0; i < claims_.size();) {
    const Contender& claim = claims_[i];
    while (middle < truths_.size() && truths_[middle].side.occurred_us < claim.side.occurred_us) {
      ++middle;
    }
    std::size_t end = i + 1;
    while (end < claims_.size() && content_of(claims_[end].side) == content_of(claim.side)) {
      ++end;
    }
    const auto twins = static_cast<std::uint32_t>(end - i);
    look_for(claim, middle, twins, limits);
    weigh();
    keep(twins, limits.kept, found.graph);
    i = end;
  }
  found.is_whole = is_whole_;
  return found;
}

}  // namespace tallystick::reconcile
