#include "reconcile/causes.h"

#include <algorithm>

namespace tallystick::reconcile {
namespace {

bool is_inside(base::Timestamp time, base::Timestamp from, base::Timestamp to) {
  return time >= from && time < to;
}

bool is_locked(Status status) {
  return status == Status::kApproved || status == Status::kPaid;
}

Wide size_of_amount(Wide amount) {
  return amount < 0 ? -amount : amount;
}

}  // namespace

bool counts_for_us(const Truth& truth, const Period& period) {
  return truth.kind == TruthKind::kConversion && !truth.is_invalid && truth.status != Status::kReversed &&
         is_inside(truth.occurred_at, period.from, period.to);
}

bool counts_for_them(const Claim& claim, const Period& period) {
  // A correction that is called reversed is the row that takes back.
  const bool is_final = is_locked(claim.status) || (claim.is_correction && claim.status == Status::kReversed);
  return is_final && is_inside(claim.booked_at, period.their_from, period.their_to);
}

Cause cause_when_only_ours_counts(const Claim& claim, const Truth& truth, const Period& period) {
  if (claim.status == Status::kReversed) {
    return Cause::kReversal;
  }
  if (claim.status == Status::kPending) {
    return Cause::kPending;
  }
  if (!is_inside(truth.occurred_at, period.their_from, period.their_to)) {
    return Cause::kTimeZone;
  }
  if (is_inside(claim.occurred_at, period.their_from, period.their_to) && claim.booked_at >= period.their_to) {
    return Cause::kLateRow;
  }
  return Cause::kPeriodCut;
}

Cause cause_when_only_theirs_counts(const Claim& claim, const Truth& truth, const Period& period) {
  if (truth.is_invalid) {
    return Cause::kInvalidTraffic;
  }
  if (truth.kind == TruthKind::kClick) {
    return Cause::kMissingConversion;
  }
  if (truth.status == Status::kReversed) {
    return Cause::kReversal;
  }
  if (is_inside(truth.occurred_at, period.their_from, period.their_to)) {
    return Cause::kTimeZone;
  }
  if (claim.occurred_at < period.their_from) {
    return Cause::kLateRow;
  }
  return Cause::kPeriodCut;
}

Cause cause_when_both_count(std::int64_t theirs, std::int64_t ours, Wide corrections, const ExplainRules& rules) {
  const Wide difference = size_of_amount(Wide{theirs} - ours);
  if (difference <= rules.rounding_minor) {
    return Cause::kRounding;
  }
  if (corrections != 0 && theirs + corrections == ours) {
    return Cause::kReversal;
  }
  if (difference * 10'000 <= std::max(size_of_amount(theirs), size_of_amount(ours)) * rules.tolerance_basis_points) {
    return Cause::kTolerance;
  }
  return Cause::kUnexplained;
}

bool differ_in_status(Status left, Status right) {
  return left != right && !(is_locked(left) && is_locked(right));
}

}  // namespace tallystick::reconcile
