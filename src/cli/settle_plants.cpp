// What is planted, one function for what belongs together. The amounts are those of docs/reconciliation.md, "Causes".
#include <algorithm>

#include <fmt/format.h>

#include "cli/settle_networks.h"
#include "cli/settle_slot.h"

namespace tallystick::cli {
namespace {

using base::kMicrosPerHour;
using base::kMicrosPerMinute;
using reconcile::Cause;
using reconcile::Status;

// In hundredths. What stands alone must be far from everything that could be taken for it.
constexpr std::int64_t kBlindAmount = 70'000;
constexpr std::int64_t kMissingAmount = 90'000;
constexpr std::int64_t kLargeAmount = 30'000;  // its commission has a tolerance of more than a minor unit
constexpr std::int64_t kRoom = 10 * kMicrosPerMinute;

}  // namespace

bool SettleSlotPlanner::can_show(SettlePlant plant) const {
  const SettleNetwork& net = network();
  const bool has_both_ids = net.has_sub_id && net.has_order_id;
  switch (plant) {
    case SettlePlant::kOrderOnly:
    case SettlePlant::kClickOnly:
    case SettlePlant::kForeignSubId:
    case SettlePlant::kNoIds:
      return has_both_ids;
    case SettlePlant::kTheirReversal:
      return net.has_reversed;
    case SettlePlant::kPending:
      return net.has_pending;
    case SettlePlant::kCorrection:
    case SettlePlant::kPartialCorrection:
      return net.has_corrections;
    case SettlePlant::kMissingConversion:
      return net.has_sub_id;
    case SettlePlant::kSecondCurrency:
      return !net.second_currency.empty() || !net.third_currency.empty();
    case SettlePlant::kZoneStart:
      return std::abs(period().their_from - period().from) >= kMicrosPerHour;
    case SettlePlant::kZoneEnd:
      return std::abs(period().their_to - period().to) >= kMicrosPerHour;
    case SettlePlant::kLateRow:
    case SettlePlant::kLateRowBefore:
      return net.has_booking;
    case SettlePlant::kPeriodCut:
    case SettlePlant::kPeriodCutBefore:
      return !net.has_booking;
    default:
      return true;
  }
}

void SettleSlotPlanner::plant(SettlePlant plant, base::Timestamp at) {
  if (!can_show(plant)) {
    return;
  }
  ++planted_;
  switch (plant) {
    case SettlePlant::kNone:
    case SettlePlant::kOrderOnly:
    case SettlePlant::kClickOnly:
    case SettlePlant::kForeignSubId:
    case SettlePlant::kNoIds:
      return plant_ids(plant, at);
    case SettlePlant::kTheirReversal:
    case SettlePlant::kOurReversal:
    case SettlePlant::kCorrection:
    case SettlePlant::kPartialCorrection:
    case SettlePlant::kPending:
    case SettlePlant::kInvalidTraffic:
      return plant_reversal(plant, at);
    case SettlePlant::kDuplicateTheirs:
    case SettlePlant::kDuplicateOurs:
      return plant_duplicate(plant, at);
    case SettlePlant::kMissingConversion:
    case SettlePlant::kMissingSubId:
      return plant_missing(plant, at);
    case SettlePlant::kSecondCurrency:
    case SettlePlant::kRounding:
    case SettlePlant::kTolerance:
      return plant_amount(plant, at);
    case SettlePlant::kZoneStart:
    case SettlePlant::kZoneEnd:
      return plant_zone(plant);
    case SettlePlant::kLateRow:
    case SettlePlant::kLateRowBefore:
    case SettlePlant::kPeriodCut:
    case SettlePlant::kPeriodCutBefore:
      return plant_late(plant);
  }
}

// All of these are found, each by another rule, and differ in nothing.
void SettleSlotPlanner::plant_ids(SettlePlant plant, base::Timestamp at) {
  const bool is_blind = plant == SettlePlant::kNoIds;
  const SettleSale sale = is_blind ? make_sale(at, kBlindAmount + random_.between(0, 5'000)) : make_sale(at);
  SettleRow row = make_row(sale);
  if (plant == SettlePlant::kOrderOnly || is_blind) {
    row.sub_id.clear();
    row.clicked_at = {};
  }
  if (plant == SettlePlant::kClickOnly || is_blind) {
    row.order_id.clear();
  }
  if (plant == SettlePlant::kForeignSubId) {
    row.sub_id = "newsletter-7";
  }
  add(sale, std::move(row));
}

void SettleSlotPlanner::plant_reversal(SettlePlant plant, base::Timestamp at) {
  SettleSale sale = make_sale(at);
  SettleRow row = make_row(sale);
  SettleRow correction = row;
  correction.status = Status::kApproved;
  correction.is_correction = true;
  const base::Timestamp corrected_at = std::min(at + random_.between(24, 96) * kMicrosPerHour, inner_to_);
  date(correction, network().has_booking ? row.occurred_at : corrected_at, corrected_at);
  correction.booked_at = std::max(correction.booked_at, row.booked_at);
  switch (plant) {
    case SettlePlant::kTheirReversal:
      row.status = Status::kReversed;
      expect(Cause::kReversal, -sale.commission_minor);
      break;
    case SettlePlant::kPending:
      row.status = Status::kPending;
      expect(Cause::kPending, -sale.commission_minor);
      break;
    case SettlePlant::kOurReversal:
      sale.is_reversed = true;
      expect(Cause::kReversal, row.commission_minor);
      break;
    case SettlePlant::kInvalidTraffic:
      sale.is_invalid = true;
      plan_.visits[sale.visit].is_found_out = true;
      expect(Cause::kInvalidTraffic, row.commission_minor);
      break;
    case SettlePlant::kCorrection:  // we have not heard of it
      correction.amount_minor = -row.amount_minor;
      correction.commission_minor = -row.commission_minor;
      add(std::move(correction));
      expect(Cause::kReversal, -row.commission_minor);
      break;
    default:  // part of the order went back, and we have heard of it: the row is too high, the correction evens it out
      correction.amount_minor = -sale.amount_minor / 3;
      correction.commission_minor = -sale.commission_minor / 3;
      row.amount_minor -= correction.amount_minor;
      row.commission_minor -= correction.commission_minor;
      expect(Cause::kReversal, 0, 2);
      add(std::move(correction));
      break;
  }
  add(sale, std::move(row));
}

void SettleSlotPlanner::plant_duplicate(SettlePlant plant, base::Timestamp at) {
  SettleSale sale = make_sale(at);
  const SettleRow row = make_row(sale);
  if (plant == SettlePlant::kDuplicateTheirs) {
    add(row);
    expect(Cause::kDuplicateTheirs, row.commission_minor);
  } else {
    sale.is_recorded_twice = true;
    expect(Cause::kDuplicateOurs, -sale.commission_minor);
  }
  add(sale, row);
}

void SettleSlotPlanner::plant_missing(SettlePlant plant, base::Timestamp at) {
  const std::size_t visit = add_visit(at);
  SettleRow row = make_row(plan_.visits[visit], at + 20 * kMicrosPerMinute);
  row.amount_minor = amount_of(kMissingAmount + 7 * ++missing_);  // no two alike
  row.commission_minor = row.amount_minor / 20;
  if (network().has_order_id) {
    row.order_id = fmt::format("X{}-{}-{}", settings_.seed, slot_, missing_);  // none of ours
  }
  if (plant == SettlePlant::kMissingSubId) {
    row.sub_id.clear();
    row.clicked_at = {};
    expect(Cause::kMissingSubId, row.commission_minor);
  } else {
    expect(Cause::kMissingConversion, row.commission_minor);
  }
  add(std::move(row));
}

void SettleSlotPlanner::plant_amount(SettlePlant plant, base::Timestamp at) {
  const SettleSale sale = make_sale(at, kLargeAmount + random_.between(0, 20'000));
  SettleRow row = make_row(sale);
  if (plant == SettlePlant::kSecondCurrency) {
    const SettleNetwork& net = network();
    const std::string_view own = row.currency.text();
    const std::string_view other = net.second_currency.empty()  ? net.third_currency
                                   : own == net.second_currency ? net.currency
                                                                : net.second_currency;
    row.currency = base::parse_currency(other).value();
    row.amount_minor = row.amount_minor * 27 / 20;
    row.commission_minor = row.commission_minor * 27 / 20;
    expect(Cause::kCurrency, -sale.commission_minor);
    expect(Cause::kCurrency, row.currency, row.commission_minor);
  } else if (plant == SettlePlant::kRounding) {
    const std::int64_t difference = random_.happens(1, 2) ? 1 : -1;
    row.commission_minor += difference;
    expect(Cause::kRounding, difference);
  } else {
    const std::int64_t difference = sale.commission_minor * 12 / 1'000;
    row.commission_minor += difference;
    expect(Cause::kTolerance, difference);
  }
  add(sale, std::move(row));
}

// A sale between the two midnights belongs to the month for one side only.
void SettleSlotPlanner::plant_zone(SettlePlant plant) {
  const bool is_start = plant == SettlePlant::kZoneStart;
  const base::Timestamp ours = is_start ? period().from : period().to;
  const base::Timestamp theirs = is_start ? period().their_from : period().their_to;
  const SettleSale sale = make_sale(draw(std::min(ours, theirs) + kRoom, std::max(ours, theirs) - kRoom));
  SettleRow row = make_row(sale);
  date(row, sale.occurred_at, sale.occurred_at + kMicrosPerMinute);
  const bool is_ours = is_start ? ours < theirs : theirs < ours;
  expect(Cause::kTimeZone, is_ours ? -sale.commission_minor : row.commission_minor);
  add(sale, std::move(row));
}

// Around the beginning and the end of the month, far enough from both midnights: ours in the month and theirs after it,
// or ours before it and theirs in it. Where they keep two times they know when it happened; where they keep one, it is
// the later one.
void SettleSlotPlanner::plant_late(SettlePlant plant) {
  const bool is_end = plant == SettlePlant::kLateRow || plant == SettlePlant::kPeriodCut;
  const base::Timestamp end = std::min(period().to, period().their_to);
  const base::Timestamp start = std::min(period().from, period().their_from);
  const SettleSale sale = make_sale(is_end ? draw(end - 20 * kMicrosPerHour, end - 2 * kMicrosPerHour)
                                           : draw(start - 40 * kMicrosPerHour, start - 4 * kMicrosPerHour));
  const base::Timestamp later = is_end ? period().their_to : std::max(period().from, period().their_from);
  const base::Timestamp booked_at = draw(later + 6 * kMicrosPerHour, later + 30 * kMicrosPerHour);
  SettleRow row = make_row(sale);
  date(row, network().has_booking ? sale.occurred_at : booked_at, booked_at);
  const Cause cause = network().has_booking ? Cause::kLateRow : Cause::kPeriodCut;
  expect(cause, is_end ? -sale.commission_minor : row.commission_minor);
  add(sale, std::move(row));
}

}  // namespace tallystick::cli
