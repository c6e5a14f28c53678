#include "cli/settle_slot.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cli/history_rhythm.h"
#include "cli/history_writer.h"
#include "cli/settle_networks.h"

namespace tallystick::cli {
namespace {

using base::kMicrosPerDay;
using base::kMicrosPerHour;
using base::kMicrosPerMinute;
using base::kMicrosPerSecond;

constexpr std::uint64_t kSlotStream = 1ULL << 61;  // apart from the generators of visitors
constexpr std::int64_t kMargin = 26 * kMicrosPerHour;
constexpr std::int64_t kSalesPerPlant = 150;
constexpr std::int64_t kDaysPerBlindRow = 5;  // further apart than an assignment looks
constexpr std::int64_t kClicksPerSale = 4;
constexpr std::uint64_t kFirstRowNumber = 500'001;
constexpr std::uint64_t kVisitorsPerSlot = 1ULL << 32;

constexpr auto kEveryPlant = std::to_array<SettlePlant>({
    SettlePlant::kOrderOnly,       SettlePlant::kClickOnly,         SettlePlant::kForeignSubId,
    SettlePlant::kTheirReversal,   SettlePlant::kOurReversal,       SettlePlant::kCorrection,
    SettlePlant::kPending,         SettlePlant::kPartialCorrection, SettlePlant::kInvalidTraffic,
    SettlePlant::kDuplicateTheirs, SettlePlant::kDuplicateOurs,     SettlePlant::kMissingConversion,
    SettlePlant::kMissingSubId,    SettlePlant::kSecondCurrency,    SettlePlant::kRounding,
    SettlePlant::kTolerance,       SettlePlant::kZoneStart,         SettlePlant::kZoneEnd,
    SettlePlant::kLateRow,         SettlePlant::kLateRowBefore,     SettlePlant::kPeriodCut,
    SettlePlant::kPeriodCutBefore,
});

// What reports write has no fractions of a second.
base::Timestamp whole_second(base::Timestamp time) {
  return {time.us / kMicrosPerSecond * kMicrosPerSecond};
}

}  // namespace

base::Result<SettleSlotPlanner> SettleSlotPlanner::make(const SettleSettings& settings,
                                                        SettlePlan& plan,
                                                        std::size_t slot) {
  TALLY_ASSIGN(base::TimeZone zone, base::TimeZone::find(settle_networks()[plan.slots[slot].network].time_zone));
  return SettleSlotPlanner(settings, plan, slot, std::move(zone));
}

SettleSlotPlanner::SettleSlotPlanner(const SettleSettings& settings,
                                     SettlePlan& plan,
                                     std::size_t slot,
                                     base::TimeZone their_zone)
    : settings_(settings),
      plan_(plan),
      slot_(slot),
      their_zone_(std::move(their_zone)),
      random_(settings.seed, kSlotStream + slot),
      inner_from_(std::max(period().from, period().their_from) + kMargin),
      inner_to_(std::min(period().to, period().their_to) - kMargin) {}

const SettleNetwork& SettleSlotPlanner::network() const {
  return settle_networks()[plan_.slots[slot_].network];
}

const reconcile::Period& SettleSlotPlanner::period() const {
  return plan_.periods[plan_.slots[slot_].network];
}

// A yen is worth about as much as a cent.
std::int64_t SettleSlotPlanner::amount_of(std::int64_t hundredths) const {
  return plan_.slots[slot_].currency.exponent == 0 ? hundredths * 3 / 2 : hundredths;
}

base::Timestamp SettleSlotPlanner::draw(base::Timestamp from, base::Timestamp to) {
  return whole_second({random_.between(from.us, to.us - 1)});
}

std::size_t SettleSlotPlanner::add_visit(base::Timestamp at) {
  SettleVisit visit;
  visit.slot = slot_;
  visit.number = slot_ * kVisitorsPerSlot + plan_.visits.size();
  visit.clicked_at = whole_second(at);
  visit.impression_id = random_.make_id(visit.clicked_at);
  visit.click_id = random_.make_id(visit.clicked_at);
  plan_.visits.push_back(visit);
  return plan_.visits.size() - 1;
}

SettleSale SettleSlotPlanner::make_sale(base::Timestamp at, std::int64_t hundredths) {
  SettleSale sale;
  sale.occurred_at = whole_second(at);
  sale.visit = add_visit(sale.occurred_at - random_.between(3 * kMicrosPerMinute, 55 * kMicrosPerMinute));
  sale.order = plan_.sales.size() + 1;
  sale.amount_minor = amount_of(hundredths);
  sale.commission_minor = sale.amount_minor * random_.between(500, 1'000) / 10'000;
  sale.is_postback = random_.happens(60, 100);
  return sale;
}

SettleSale SettleSlotPlanner::make_sale(base::Timestamp at) {
  return make_sale(at, random_.between(2'000, 40'000));
}

void SettleSlotPlanner::date(SettleRow& row, base::Timestamp occurred_at, base::Timestamp booked_at) const {
  row.occurred_at = network().has_time_of_day ? occurred_at : their_zone_.start_of(their_zone_.day_of(occurred_at));
  row.booked_at = network().has_booking ? booked_at : row.occurred_at;
}

SettleRow SettleSlotPlanner::make_row(const SettleVisit& visit, base::Timestamp occurred_at) {
  SettleRow row;
  row.clicked_at = visit.clicked_at;
  row.currency = plan_.slots[slot_].currency;
  if (network().has_sub_id) {
    row.sub_id = base::format_uuid(visit.click_id);
  }
  if (network().has_paid && random_.happens(30, 100)) {
    row.status = reconcile::Status::kPaid;
  }
  date(row, occurred_at, whole_second(occurred_at + random_.between(kMicrosPerHour, 6 * kMicrosPerHour)));
  return row;
}

SettleRow SettleSlotPlanner::make_row(const SettleSale& sale) {
  SettleRow row = make_row(plan_.visits[sale.visit], sale.occurred_at);
  row.amount_minor = sale.amount_minor;
  row.commission_minor = sale.commission_minor;
  if (network().has_order_id) {
    row.order_id = history_order_id(settings_.seed, sale.order);
  }
  return row;
}

void SettleSlotPlanner::add(const SettleSale& sale) {
  plan_.sales.push_back(sale);
}

void SettleSlotPlanner::add(SettleRow row) {
  std::vector<SettleRow>& rows = plan_.rows[plan_.slots[slot_].network];
  row.number = kFirstRowNumber + rows.size();
  rows.push_back(std::move(row));
}

void SettleSlotPlanner::add(const SettleSale& sale, SettleRow row) {
  add(sale);
  add(std::move(row));
}

void SettleSlotPlanner::expect(reconcile::Cause cause,
                               const base::Currency& currency,
                               std::int64_t amount_minor,
                               std::int64_t records) {
  const std::size_t number = plan_.slots[slot_].network;
  reconcile::CauseAmount& amount = plan_.expected[{number, std::string(currency.text())}].causes[cause];
  amount.cause = cause;
  amount.amount_minor += amount_minor;
  amount.records += records;
}

void SettleSlotPlanner::expect(reconcile::Cause cause, std::int64_t amount_minor, std::int64_t records) {
  expect(cause, plan_.slots[slot_].currency, amount_minor, records);
}

void SettleSlotPlanner::add_traffic(std::int64_t clicks) {
  const HistoryRhythm rhythm(period().from, period().to, static_cast<std::uint64_t>(clicks));
  for (std::int64_t i = 0; i < clicks; ++i) {
    const std::size_t visit = add_visit(rhythm.time_of(static_cast<std::uint64_t>(i)));
    plan_.visits[visit].is_crawler = random_.happens(5, 100);
  }
}

void SettleSlotPlanner::plan_sales(std::int64_t sales) {
  std::vector<SettlePlant> plants(static_cast<std::size_t>(sales), SettlePlant::kNone);
  std::size_t next = 0;
  for (const SettlePlant kind : kEveryPlant) {
    for (std::int64_t i = 0; can_show(kind) && i < std::max<std::int64_t>(sales / kSalesPerPlant, 1); ++i) {
      plants.at(next++) = kind;
    }
  }
  for (std::size_t i = plants.size(); i > 1; --i) {
    std::swap(plants[i - 1], plants[random_.below(i)]);
  }
  const HistoryRhythm rhythm(inner_from_, inner_to_, plants.size());
  for (std::size_t i = 0; i < plants.size(); ++i) {
    plant(plants[i], whole_second(rhythm.time_of(i)));
  }
  if (can_show(SettlePlant::kNoIds)) {
    const std::int64_t step = kDaysPerBlindRow * kMicrosPerDay;
    for (base::Timestamp at = inner_from_ + step / 2; at < inner_to_; at = at + step) {
      plant(SettlePlant::kNoIds, at);
    }
  }
  add_traffic(sales * (kClicksPerSale - 1));
}

}  // namespace tallystick::cli
