#include "reconcile/pair_score.h"

#include <algorithm>
#include <bit>

#include "reconcile/order_key.h"
#include "reconcile/wide.h"

namespace tallystick::reconcile {
namespace {

// Parts of kBestScore. A lag costs by its logarithm: near the truth seconds decide, far from it hours, and pushing a
// whole row of pairs by one place each costs more than leaving one record alone.
constexpr std::int32_t kTimePart = 350'000;
constexpr std::uint64_t kLagUnit = static_cast<std::uint64_t>(base::kMicrosPerMinute);
constexpr std::int32_t kAmountPart = 280'000;
constexpr std::int32_t kAnyDifference = 20'000;
constexpr std::int32_t kLinkUnknown = 100'000;
constexpr std::int32_t kOtherOrder = 150'000;
constexpr std::int32_t kOtherStanding = 20'000;
constexpr std::int32_t kOtherLink = 200'000;      // of connected ones; otherwise no candidates
constexpr std::int32_t kOtherCurrency = 280'000;  // likewise, in place of the amount's part
constexpr unsigned kFractionBits = 20;

std::uint64_t magnitude(std::int64_t value) {
  return distance(value, 0);
}

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

std::int64_t log2_of_ratio(std::uint64_t value, std::uint64_t unit) {
  const UnsignedWide sum = static_cast<UnsignedWide>(value) + unit;
  const std::uint64_t whole = value / unit;
  const auto bits = static_cast<unsigned>(whole == UINT64_MAX ? 64 : std::bit_width(whole + 1) - 1);
  const UnsignedWide power = static_cast<UnsignedWide>(unit) << bits;  // at most the sum
  const UnsignedWide rest = sum - power;
  const std::int64_t floor = std::int64_t{bits} << kFractionBits;
  if (sum <= (UINT64_MAX >> kFractionBits)) {  // lags up to half a year: no division of 128 bits
    return floor + static_cast<std::int64_t>((static_cast<std::uint64_t>(rest) << kFractionBits) /
                                             static_cast<std::uint64_t>(power));
  }
  return floor + static_cast<std::int64_t>((rest << kFractionBits) / power);
}

PairScore::PairScore(const MatchRules& rules)
    : max_lag_us_(std::max<std::int64_t>(rules.max_time_lag_us, 0)),
      max_basis_points_(std::clamp<std::int64_t>(rules.max_amount_basis_points, 0, kMaxAmountBasisPoints)),
      least_(std::max<std::int32_t>(rules.min_confidence_permille, 1) * 1'000),
      max_lag_log_(std::max<std::int64_t>(log2_of_ratio(static_cast<std::uint64_t>(max_lag_us_), kLagUnit), 1)) {}

std::int32_t PairScore::time_penalty(std::uint64_t lag_us) const {
  const std::int64_t log = log2_of_ratio(lag_us, kLagUnit);
  return static_cast<std::int32_t>(std::min(log, max_lag_log_) * kTimePart / max_lag_log_);
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
  constexpr std::int32_t kRest = kAmountPart - kAnyDifference;
  if (allowed <= UINT64_MAX / kRest) {
    return kAnyDifference +
           static_cast<std::int32_t>(static_cast<std::uint64_t>(stated) * kRest / static_cast<std::uint64_t>(allowed));
  }
  return kAnyDifference + static_cast<std::int32_t>(stated / (allowed / kRest));
}

std::int32_t PairScore::of(const PairSide& claim, const PairSide& truth) const {
  if (!is_within_lag(claim, truth) || claim.currency != truth.currency) {
    return 0;
  }
  const std::uint64_t difference = distance(claim.amount_minor, truth.amount_minor);
  const std::uint64_t larger = std::max(magnitude(claim.amount_minor), magnitude(truth.amount_minor));
  if (difference != 0 && static_cast<UnsignedWide>(difference) * 10'000U >
                             static_cast<UnsignedWide>(larger) * static_cast<std::uint64_t>(max_basis_points_)) {
    return 0;
  }
  std::int32_t score = kBestScore - common_penalty(claim, truth);
  if (claim.link_id.is_nil() || truth.link_id.is_nil()) {
    score -= kLinkUnknown;
  } else if (claim.link_id != truth.link_id) {
    return 0;
  }
  score -= time_penalty(distance(claim.occurred_us, truth.occurred_us)) + amount_penalty(difference, larger);
  return score >= least_ ? score : 0;
}

std::int32_t PairScore::of_connected(const PairSide& claim, const PairSide& truth) const {
  std::int32_t score = kBestScore - common_penalty(claim, truth);
  score -= time_penalty(distance(claim.occurred_us, truth.occurred_us));
  score -= claim.currency != truth.currency
               ? kOtherCurrency
               : amount_penalty(distance(claim.amount_minor, truth.amount_minor),
                                std::max(magnitude(claim.amount_minor), magnitude(truth.amount_minor)));
  if (claim.link_id.is_nil() || truth.link_id.is_nil()) {
    score -= kLinkUnknown;
  } else if (claim.link_id != truth.link_id) {
    score -= kOtherLink;
  }
  return std::max(score, 1);
}

}  // namespace tallystick::reconcile
