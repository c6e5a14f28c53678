#include "reconcile/pair_score.h"

#include <algorithm>

#include "reconcile/assignment.h"
#include "reconcile/logarithm.h"
#include "reconcile/order_key.h"
#include "reconcile/wide.h"

namespace tallystick::reconcile {
namespace {

// Parts of kBestScore. A lag costs by its logarithm: near the truth seconds decide, far from it hours, and pushing a
// whole row of pairs by one place each costs more than leaving one record alone.
constexpr std::int32_t kTimePart = 350'000;
constexpr std::uint64_t kLagUnit = static_cast<std::uint64_t>(base::kMicrosPerMinute);
constexpr std::uint64_t kSecond = base::kMicrosPerSecond;
// What it costs to leave both alone. A conversion that they do not know and a row about none of ours, each one in
// thirty-two, would be 10; but of many that fit as well as each other one is right, so a match has to be likelier.
constexpr std::int64_t kBothAlone = 6 * kOneBit;
// Where no conversion of the amount has come by, that many bits less than one are taken to; and less again of one link.
constexpr unsigned kNoneBits = 4;
constexpr unsigned kNoneOfLinkBits = 8;
// What fits as well as that belongs together if both are alone still, however many are like them: then it does not
// matter to the sums which is whose, and each of them left alone would be a difference to be explained.
constexpr std::int32_t kPlausible = 700'000;
constexpr std::int32_t kAmountPart = 280'000;
constexpr std::int32_t kAnyDifference = 20'000;
constexpr std::int32_t kLinkUnknown = 100'000;
constexpr std::int32_t kOtherOrder = 150'000;
constexpr std::int32_t kOtherStanding = 20'000;
constexpr std::int32_t kOtherLink = 200'000;      // of connected ones; otherwise no candidates
constexpr std::int32_t kOtherCurrency = 280'000;  // likewise, in place of the amount's part

std::int32_t common_penalty(const PairSide& claim, const PairSide& truth) {
  return (claim.has_order && truth.has_order ? kOtherOrder : 0) + (claim.stands != truth.stands ? kOtherStanding : 0);
}

}  // namespace

PairSide side_of(const Claim& claim) {
  return {.occurred_us = claim.occurred_at.us,
          .amount_minor = claim.amount_minor,
          .link_id = claim.link_id,
          .currency = claim.currency,
          .has_order = !trim_order_id(claim.order_id).empty(),
          .stands = claim.status != Status::kReversed};
}

PairSide side_of(const Truth& truth) {
  return {.occurred_us = truth.occurred_at.us,
          .amount_minor = truth.amount_minor,
          .link_id = truth.link_id,
          .currency = truth.currency,
          .has_order = !trim_order_id(truth.order_id).empty(),
          .stands = truth.status != Status::kReversed && !truth.is_invalid};
}

PairScore::PairScore(const MatchRules& rules, const PairHabits& habits)
    : max_lag_us_(std::max<std::int64_t>(rules.max_time_lag_us, 0)),
      max_basis_points_(std::clamp<std::int64_t>(rules.max_amount_basis_points, 0, kMaxAmountBasisPoints)),
      least_(std::max<std::int32_t>(rules.min_confidence_permille, 1) * 1'000),
      most_bits_(std::max<std::int64_t>(log2_of_ratio(static_cast<std::uint64_t>(max_lag_us_), kLagUnit), 1)),
      any_difference_(kAnyDifference),
      unknown_link_(kLinkUnknown) {
  if (habits.total() >= PairHabits::kLeast) {
    const UsualPairs known = habits.usual();
    most_bits_ = std::max<std::int64_t>(*std::max_element(known.lags.begin(), known.lags.end()), 1);
    for (const std::int64_t surprise : known.lags) {
      class_penalties_.push_back(penalty_of_bits(surprise));
    }
    best_density_ = known.best_density;
    any_difference_ = std::clamp(penalty_of_bits(known.other_amount), kAnyDifference, kAmountPart / 2);
    unknown_link_ = std::min(penalty_of_bits(known.unknown_link), kLinkUnknown);
  }
}

std::int32_t PairScore::penalty_of_bits(std::int64_t bits) const {
  return static_cast<std::int32_t>(std::min(bits, most_bits_) * kTimePart / most_bits_);
}

std::int32_t PairScore::time_penalty(std::int64_t claim_us, std::int64_t truth_us) const {
  const std::uint64_t size = distance(claim_us, truth_us);
  if (class_penalties_.empty()) {
    return penalty_of_bits(log2_of_ratio(size, kLagUnit));
  }
  // Between the middles of two classes on a straight line.
  constexpr std::int64_t kClass = std::int64_t{1} << LagClass::kPlaceBits;
  constexpr auto kLast = static_cast<std::int64_t>(LagClass::kAll) - 1;
  const std::int64_t place = LagClass::place_of(claim_us < truth_us, size) - kClass / 2;
  const std::int64_t before = std::clamp<std::int64_t>(place >> LagClass::kPlaceBits, 0, kLast);
  const std::int64_t after = std::min(before + 1, kLast);
  const std::int64_t rest = std::clamp<std::int64_t>(place - before * kClass, 0, kClass);
  const std::int64_t low = class_penalties_[static_cast<std::size_t>(before)];
  const std::int64_t high = class_penalties_[static_cast<std::size_t>(after)];
  return static_cast<std::int32_t>(low + (high - low) * rest / kClass);
}

std::int32_t PairScore::amount_penalty(std::uint64_t difference, std::uint64_t larger) const {
  if (difference == 0) {
    return 0;
  }
  const UnsignedWide allowed = static_cast<UnsignedWide>(larger) * static_cast<std::uint64_t>(max_basis_points_);
  const UnsignedWide stated = static_cast<UnsignedWide>(difference) * 10'000U;
  if (stated >= allowed) {
    return kAmountPart;
  }
  const auto rest = static_cast<std::uint64_t>(kAmountPart - any_difference_);
  if (allowed <= UINT64_MAX / rest) {
    return any_difference_ +
           static_cast<std::int32_t>(static_cast<std::uint64_t>(stated) * rest / static_cast<std::uint64_t>(allowed));
  }
  return any_difference_ + static_cast<std::int32_t>(stated / (allowed / rest));
}

std::int32_t PairScore::gain(std::int32_t score, const Rate& rate) const {
  if (class_penalties_.empty()) {
    return score - least_ + 1;
  }
  // The conversion of the claim itself is not another one.
  const unsigned none_bits = rate.is_link_known ? kNoneOfLinkBits : kNoneBits;
  const std::uint64_t count = 1 + ((std::max<std::uint64_t>(rate.count, 1) - 1) << none_bits);
  const std::int64_t rate_log =
      log2_of_ratio(count - 1, 1) - none_bits * kOneBit - log2_of_ratio(rate.span_us / kSecond, 1);
  const std::int64_t bits = best_density_ - rate_log + kBothAlone;
  const std::int64_t gain = score - kBestScore + bits * kTimePart / most_bits_;
  const std::int64_t least = score >= kPlausible ? 1 : 0;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(gain, least, kMaxWeight));
}

std::int32_t PairScore::of(const PairSide& claim, const PairSide& truth) const {
  if (!is_within_lag(claim, truth) || claim.currency != truth.currency) {
    return 0;
  }
  const std::uint64_t difference = distance(claim.amount_minor, truth.amount_minor);
  const std::uint64_t larger = std::max(magnitude_of(claim.amount_minor), magnitude_of(truth.amount_minor));
  if (difference != 0 && static_cast<UnsignedWide>(difference) * 10'000U >
                             static_cast<UnsignedWide>(larger) * static_cast<std::uint64_t>(max_basis_points_)) {
    return 0;
  }
  std::int32_t score = kBestScore - common_penalty(claim, truth);
  if (claim.link_id.is_nil() || truth.link_id.is_nil()) {
    score -= unknown_link_;
  } else if (claim.link_id != truth.link_id) {
    return 0;
  }
  score -= time_penalty(claim.occurred_us, truth.occurred_us) + amount_penalty(difference, larger);
  return score >= least_ ? score : 0;
}

std::int32_t PairScore::of_connected(const PairSide& claim, const PairSide& truth) const {
  std::int32_t score = kBestScore - common_penalty(claim, truth);
  score -= time_penalty(claim.occurred_us, truth.occurred_us);
  score -= claim.currency != truth.currency
               ? kOtherCurrency
               : amount_penalty(distance(claim.amount_minor, truth.amount_minor),
                                std::max(magnitude_of(claim.amount_minor), magnitude_of(truth.amount_minor)));
  if (claim.link_id.is_nil() || truth.link_id.is_nil()) {
    score -= unknown_link_;
  } else if (claim.link_id != truth.link_id) {
    score -= kOtherLink;
  }
  return std::max(score, 1);
}

}  // namespace tallystick::reconcile
