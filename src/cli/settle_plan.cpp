#include "cli/settle_plan.h"

#include "cli/settle_networks.h"
#include "cli/settle_slot.h"

namespace tallystick::cli {
namespace {

base::Result<reconcile::Period> period_with(const SettleSettings& settings, const SettleNetwork& network) {
  TALLY_ASSIGN(const base::TimeZone ours, base::TimeZone::find(settings.our_time_zone));
  TALLY_ASSIGN(const base::TimeZone theirs, base::TimeZone::find(network.time_zone));
  return reconcile::Period{.from = ours.start_of(settings.first_day),
                           .to = ours.start_of(settings.last_day + 1),
                           .their_from = theirs.start_of(settings.first_day),
                           .their_to = theirs.start_of(settings.last_day + 1)};
}

base::Result<void> add_slot(SettlePlan& plan, std::size_t network, std::string_view currency) {
  TALLY_ASSIGN(const base::Currency parsed, base::parse_currency(currency));
  plan.slots.push_back({network, parsed});
  return {};
}

SettleExpectation& expectation_of(SettlePlan& plan, std::size_t network, const base::Currency& currency) {
  return plan.expected[{network, std::string(currency.text())}];
}

void count_ours(SettlePlan& plan, const SettleSale& sale) {
  const SettleSlot& slot = plan.slots[plan.visits[sale.visit].slot];
  const reconcile::Period& period = plan.periods[slot.network];
  SettleExpectation& expected = expectation_of(plan, slot.network, slot.currency);
  if (sale.occurred_at >= period.from && sale.occurred_at < period.to && !sale.is_reversed && !sale.is_invalid) {
    expected.our_commission_minor += sale.commission_minor * (sale.is_recorded_twice ? 2 : 1);
  }
}

void count_theirs(SettlePlan& plan, std::size_t network, const SettleRow& row) {
  const reconcile::Period& period = plan.periods[network];
  SettleExpectation& expected = expectation_of(plan, network, row.currency);
  const bool is_locked = row.status == reconcile::Status::kApproved || row.status == reconcile::Status::kPaid;
  if (row.booked_at >= period.their_from && row.booked_at < period.their_to && is_locked) {
    expected.their_commission_minor += row.commission_minor;
  }
}

}  // namespace

base::Result<SettlePlan> make_settle_plan(const SettleSettings& settings) {
  SettlePlan plan;
  plan.rows.resize(kSettleNetworks);
  for (std::size_t number = 0; number < kSettleNetworks; ++number) {
    const SettleNetwork& network = settle_networks()[number];
    TALLY_ASSIGN(const reconcile::Period period, period_with(settings, network));
    plan.periods.push_back(period);
    TALLY_TRY(add_slot(plan, number, network.currency));
    if (!network.second_currency.empty()) {
      TALLY_TRY(add_slot(plan, number, network.second_currency));
    }
  }
  for (std::size_t slot = 0; slot < plan.slots.size(); ++slot) {
    TALLY_ASSIGN(SettleSlotPlanner planner, SettleSlotPlanner::make(settings, plan, slot));
    planner.plan_sales(settings.conversions / static_cast<std::int64_t>(plan.slots.size()));
  }
  for (const SettleSale& sale : plan.sales) {
    count_ours(plan, sale);
  }
  for (std::size_t network = 0; network < kSettleNetworks; ++network) {
    for (const SettleRow& row : plan.rows[network]) {
      count_theirs(plan, network, row);
    }
  }
  return plan;
}

}  // namespace tallystick::cli
