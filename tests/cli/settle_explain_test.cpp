// The plan's causes beside those that matching and explaining find in the same records: two independent ways to them.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "cli/history_writer.h"
#include "cli/settle_networks.h"
#include "cli/settle_plan.h"
#include "reconcile/explain.h"
#include "reconcile/matcher.h"

namespace tallystick::cli {
namespace {

struct Records {
  std::vector<reconcile::Claim> claims;
  std::vector<reconcile::Truth> truths;
};

reconcile::Claim claim_of(const SettleRow& row) {
  reconcile::Claim claim;
  claim.key = std::to_string(row.number);
  claim.reference = row.sub_id;
  claim.click_id = base::parse_uuid(row.sub_id).value_or(base::Uuid{});
  claim.order_id = row.order_id;
  claim.occurred_at = row.occurred_at;
  claim.booked_at = row.booked_at;
  claim.amount_minor = row.amount_minor;
  claim.commission_minor = row.commission_minor;
  claim.currency = row.currency;
  claim.status = row.status;
  claim.is_correction = row.is_correction;
  return claim;
}

reconcile::Truth truth_of(const SettlePlan& plan, std::uint64_t seed, const SettleSale& sale, std::uint8_t record) {
  const SettleVisit& visit = plan.visits[sale.visit];
  reconcile::Truth truth;
  truth.id = visit.impression_id;  // any that is its own
  truth.id.bytes[15] = static_cast<std::uint8_t>(truth.id.bytes[15] ^ record);
  truth.click_id = visit.click_id;
  truth.order_id = history_order_id(seed, sale.order);
  truth.occurred_at = sale.occurred_at;
  truth.amount_minor = sale.amount_minor;
  truth.commission_minor = sale.commission_minor;
  truth.currency = plan.slots[visit.slot].currency;
  truth.status = sale.is_reversed ? reconcile::Status::kReversed : reconcile::Status::kApproved;
  truth.is_invalid = sale.is_invalid;
  return truth;
}

Records records_of(const SettlePlan& plan, std::uint64_t seed, std::size_t network) {
  Records records;
  std::set<base::Uuid> sold;
  for (const SettleSale& sale : plan.sales) {
    if (plan.slots[plan.visits[sale.visit].slot].network != network) {
      continue;
    }
    sold.insert(plan.visits[sale.visit].click_id);
    records.truths.push_back(truth_of(plan, seed, sale, 0));
    if (sale.is_recorded_twice) {
      records.truths.push_back(truth_of(plan, seed, sale, 1));
    }
  }
  std::set<base::Uuid> named;
  for (const SettleRow& row : plan.rows[network]) {
    records.claims.push_back(claim_of(row));
    named.insert(records.claims.back().click_id);
  }
  for (const SettleVisit& visit : plan.visits) {
    if (named.contains(visit.click_id) && !sold.contains(visit.click_id)) {
      reconcile::Truth click;
      click.id = click.click_id = visit.click_id;
      click.kind = reconcile::TruthKind::kClick;
      click.occurred_at = visit.clicked_at;
      click.currency = plan.slots[visit.slot].currency;
      records.truths.push_back(click);
    }
  }
  return records;
}

void expect_found(const SettlePlan& plan, std::uint64_t seed, std::size_t network) {
  const Records records = records_of(plan, seed, network);
  const auto matching = reconcile::match(records.claims, records.truths, {});
  ASSERT_TRUE(matching) << matching.error().message;
  const auto outcome = reconcile::explain(records.claims, records.truths, *matching, {.period = plan.periods[network]});
  ASSERT_TRUE(outcome) << outcome.error().message;
  std::size_t currencies = 0;
  for (const reconcile::Finding& finding : outcome->findings) {
    const auto planted = plan.expected.find({network, std::string(finding.currency.text())});
    ASSERT_NE(planted, plan.expected.end()) << finding.currency.text();
    ++currencies;
    EXPECT_EQ(finding.our_commission_minor, planted->second.our_commission_minor);
    EXPECT_EQ(finding.their_commission_minor, planted->second.their_commission_minor);
    std::vector<reconcile::CauseAmount> causes;
    for (const auto& [cause, amount] : planted->second.causes) {
      causes.push_back(amount);
    }
    ASSERT_EQ(finding.causes.size(), causes.size())
        << settle_networks()[network].slug << " " << finding.currency.text();
    for (const reconcile::CauseAmount& found : finding.causes) {
      EXPECT_NE(std::ranges::find(causes, found), causes.end())
          << settle_networks()[network].slug << " " << finding.currency.text() << " " << reconcile::name_of(found.cause)
          << " " << found.amount_minor << " of " << found.records;
    }
  }
  EXPECT_EQ(currencies, static_cast<std::size_t>(std::ranges::count_if(plan.expected, [&](const auto& entry) {
              return entry.first.first == network;
            })));
}

TEST(SettleExplain, FindsWhatWasPlantedWhateverTheSeedTheMonthAndOurTimeZone) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    for (const char* zone : {"UTC", "Pacific/Auckland"}) {
      for (const char* month : {"2026-10", "2026-03"}) {
        SettleSettings settings{.seed = seed,
                                .first_day = base::parse_date(std::string(month) + "-01").value(),
                                .last_day = base::parse_date(std::string(month) + "-31").value(),
                                .conversions = seed == 1 ? 8'000 : kMinSettleConversions,
                                .our_time_zone = zone,
                                .until = base::parse_rfc3339("2026-11-20T00:00:00Z").value()};
        const SettlePlan plan = make_settle_plan(settings).value();
        for (std::size_t network = 0; network < kSettleNetworks; ++network) {
          SCOPED_TRACE(std::string(zone) + " " + month + " seed " + std::to_string(seed));
          expect_found(plan, seed, network);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tallystick::cli
