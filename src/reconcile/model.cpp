#include "reconcile/model.h"

#include <fmt/format.h>

#include "reconcile/wide.h"

namespace tallystick::reconcile {
std::string_view name_of(Status status) {
  switch (status) {
    case Status::kPending:
      return "pending";
    case Status::kApproved:
      return "approved";
    case Status::kPaid:
      return "paid";
    case Status::kReversed:
      return "reversed";
  }
  return "pending";
}

std::string_view name_of(MatchRule rule) {
  switch (rule) {
    case MatchRule::kClickId:
      return "click_id";
    case MatchRule::kOrderId:
      return "order_id";
    case MatchRule::kAssignment:
      return "assignment";
  }
  return "assignment";
}

std::string_view name_of(Cause cause) {
  switch (cause) {
    case Cause::kTimeZone:
      return "time_zone";
    case Cause::kLateRow:
      return "late_row";
    case Cause::kPeriodCut:
      return "period_cut";
    case Cause::kInvalidTraffic:
      return "invalid_traffic";
    case Cause::kDuplicateTheirs:
      return "duplicate_theirs";
    case Cause::kDuplicateOurs:
      return "duplicate_ours";
    case Cause::kReversal:
      return "reversal";
    case Cause::kPending:
      return "pending";
    case Cause::kMissingSubId:
      return "missing_sub_id";
    case Cause::kMissingConversion:
      return "missing_conversion";
    case Cause::kCurrency:
      return "currency";
    case Cause::kRounding:
      return "rounding";
    case Cause::kTolerance:
      return "tolerance";
    case Cause::kUnexplained:
      return "unexplained";
  }
  return "unexplained";
}

bool Variance::exceeds(std::int64_t basis_points) const {
  if (basis_points < 0) {
    return true;
  }
  return static_cast<UnsignedWide>(numerator) * 10'000U >
         static_cast<UnsignedWide>(basis_points) * static_cast<UnsignedWide>(denominator);
}

std::string Variance::percent() const {
  const UnsignedWide hundredths = static_cast<UnsignedWide>(numerator) * 10'000U;
  const auto divisor = static_cast<UnsignedWide>(denominator);
  UnsignedWide quotient = hundredths / divisor;
  const UnsignedWide twice_rest = 2 * (hundredths % divisor);
  if (twice_rest > divisor || (twice_rest == divisor && quotient % 2 == 1)) {
    ++quotient;
  }
  return fmt::format("{}.{:02}", quotient / 100, static_cast<unsigned>(quotient % 100));
}

}  // namespace tallystick::reconcile
