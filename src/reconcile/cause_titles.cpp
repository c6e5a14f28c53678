#include "reconcile/cause_titles.h"

namespace tallystick::reconcile {

std::string_view title_of(Cause cause) {
  switch (cause) {
    case Cause::kTimeZone:
      return "Days begin at other moments";
    case Cause::kLateRow:
      return "Booked later than it happened";
    case Cause::kPeriodCut:
      return "In another period on one side";
    case Cause::kInvalidTraffic:
      return "Invalid traffic, filtered by us";
    case Cause::kDuplicateTheirs:
      return "Stated twice by them";
    case Cause::kDuplicateOurs:
      return "Recorded twice by us";
    case Cause::kReversal:
      return "Taken back by one side";
    case Cause::kPending:
      return "Not locked by them yet";
    case Cause::kMissingSubId:
      return "No sub-id, and nothing fits";
    case Cause::kMissingConversion:
      return "Conversion that never reached us";
    case Cause::kCurrency:
      return "Stated in another currency";
    case Cause::kRounding:
      return "Rounding";
    case Cause::kTolerance:
      return "Small, within the tolerance";
    case Cause::kUnexplained:
      return "Unexplained";
  }
  return "Unexplained";
}

}  // namespace tallystick::reconcile
