#pragma once
// The sales of one network in one currency, the rows that its report has of them, and what is planted: each function
// knows one cause, makes it happen once, and writes its amount down. One thread.

#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/history_random.h"
#include "cli/settle_model.h"

namespace tallystick::cli {

// One thing at a time that can be between our record of a sale and their row.
enum class SettlePlant : std::uint8_t {
  kNone,
  kOrderOnly,     // their row has lost its sub-id: matched by the order
  kClickOnly,     // their row has no order: matched by the click
  kForeignSubId,  // somebody else's sub-id
  kNoIds,         // neither: left to the assignment
  kTheirReversal,
  kOurReversal,
  kCorrection,
  kPartialCorrection,
  kPending,
  kInvalidTraffic,
  kDuplicateTheirs,
  kDuplicateOurs,
  kMissingConversion,
  kMissingSubId,
  kSecondCurrency,
  kRounding,
  kTolerance,
  kZoneStart,
  kZoneEnd,
  kLateRow,
  kLateRowBefore,
  kPeriodCut,
  kPeriodCutBefore,
};

class SettleSlotPlanner {
 public:
  // `settings` and `plan` outlive it. Error codes: those of the time zone.
  [[nodiscard]] static base::Result<SettleSlotPlanner> make(const SettleSettings& settings,
                                                            SettlePlan& plan,
                                                            std::size_t slot);

  // So many sales, some of them with something planted, and clicks that sold nothing.
  void plan_sales(std::int64_t sales);
  // One of it, at about this time where the plant does not say when. Nothing where the network cannot show it.
  void plant(SettlePlant plant, base::Timestamp at);
  [[nodiscard]] bool can_show(SettlePlant plant) const;

 private:
  SettleSlotPlanner(const SettleSettings& settings, SettlePlan& plan, std::size_t slot, base::TimeZone their_zone);

  [[nodiscard]] const SettleNetwork& network() const;
  [[nodiscard]] const reconcile::Period& period() const;
  [[nodiscard]] std::int64_t amount_of(std::int64_t hundredths) const;
  std::size_t add_visit(base::Timestamp at);
  SettleSale make_sale(base::Timestamp at, std::int64_t hundredths);
  SettleSale make_sale(base::Timestamp at);
  // What their report says of a sale when nothing is wrong.
  SettleRow make_row(const SettleSale& sale);
  SettleRow make_row(const SettleVisit& visit, base::Timestamp occurred_at);
  void date(SettleRow& row, base::Timestamp occurred_at, base::Timestamp booked_at) const;
  void add(const SettleSale& sale);
  void add(SettleRow row);
  void add(const SettleSale& sale, SettleRow row);
  void expect(reconcile::Cause cause,
              const base::Currency& currency,
              std::int64_t amount_minor,
              std::int64_t records = 1);
  void expect(reconcile::Cause cause, std::int64_t amount_minor, std::int64_t records = 1);

  void plant_ids(SettlePlant plant, base::Timestamp at);
  void plant_reversal(SettlePlant plant, base::Timestamp at);
  void plant_duplicate(SettlePlant plant, base::Timestamp at);
  void plant_missing(SettlePlant plant, base::Timestamp at);
  void plant_amount(SettlePlant plant, base::Timestamp at);
  void plant_zone(SettlePlant plant);
  void plant_late(SettlePlant plant);
  void add_traffic(std::int64_t clicks);
  [[nodiscard]] base::Timestamp draw(base::Timestamp from, base::Timestamp to);

  const SettleSettings& settings_;
  SettlePlan& plan_;
  std::size_t slot_;
  base::TimeZone their_zone_;
  HistoryRandom random_;
  base::Timestamp inner_from_, inner_to_;  // here a sale is within the month for both, whatever the delay
  std::int64_t planted_ = 0;
  std::int64_t missing_ = 0;
};

}  // namespace tallystick::cli
