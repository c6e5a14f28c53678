#pragma once
// A made-up month of settlement as plain values: what we recorded, what each network's report says of it, and the
// causes of every difference, planted on purpose and known to the minor unit.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "base/uuid.h"
#include "journal/event.h"
#include "partners/model.h"
#include "reconcile/model.h"

namespace tallystick::cli {

// A network that owes us, and what its report has columns for.
struct SettleNetwork {
  std::string_view slug;  // of the partner
  std::string_view name;
  partners::Network network = partners::Network::kGeneric;
  std::string_view currency;
  std::string_view second_currency;  // empty: it pays in one
  std::string_view third_currency;   // only ever in its report, for a sale that we recorded in another; empty: none
  std::string_view time_zone;
  bool has_sub_id = true;
  bool has_order_id = true;
  bool has_booking = false;      // a time of booking beside that of the sale
  bool has_pending = false;      // rows that are not locked yet
  bool has_paid = false;         // which of them are paid
  bool has_reversed = false;     // a status for what was taken back
  bool has_corrections = false;  // takes back by a row with negative amounts
  bool has_time_of_day = true;
};
inline constexpr std::size_t kSettleNetworks = 7;

struct SettleSettings {
  std::uint64_t seed = 1;
  base::Date first_day;          // of the month
  base::Date last_day;           // included
  std::int64_t conversions = 0;  // of ours, about: plants add a few
  std::string our_time_zone = "UTC";
  base::Timestamp until;  // nothing happens later: now
};

// One network and currency in which we record its sales; its position is that of the partner in the HistoryWorld.
struct SettleSlot {
  std::size_t network = 0;
  base::Currency currency;
};

struct SettleVisit {
  std::size_t slot = 0;
  std::uint64_t number = 0;  // makes its visitor
  base::Timestamp clicked_at;
  base::Uuid impression_id;
  base::Uuid click_id;
  bool is_crawler = false;
  bool is_found_out = false;  // revised to SIVT later
};

// A conversion as we recorded it.
struct SettleSale {
  std::size_t visit = 0;
  std::uint64_t order = 0;
  base::Timestamp occurred_at;
  std::int64_t amount_minor = 0;
  std::int64_t commission_minor = 0;
  bool is_postback = false;
  bool is_recorded_twice = false;  // by API and by postback
  bool is_reversed = false;
  bool is_invalid = false;  // revised to SIVT, as its click
};

// A row of a network's report.
struct SettleRow {
  std::uint64_t number = 0;  // theirs; unique within the network
  base::Timestamp occurred_at;
  base::Timestamp booked_at;
  base::Timestamp clicked_at;  // zero: they know of no click
  std::string sub_id;
  std::string order_id;
  std::int64_t amount_minor = 0;
  std::int64_t commission_minor = 0;
  base::Currency currency;
  reconcile::Status status = reconcile::Status::kApproved;
  bool is_correction = false;

  friend bool operator==(const SettleRow&, const SettleRow&) = default;
};

// What reconciliation has to find for one network and currency.
struct SettleExpectation {
  std::int64_t our_commission_minor = 0;
  std::int64_t their_commission_minor = 0;
  std::map<reconcile::Cause, reconcile::CauseAmount> causes;
};

struct SettlePlan {
  std::vector<SettleSlot> slots;
  std::vector<SettleVisit> visits;
  std::vector<SettleSale> sales;
  std::vector<std::vector<SettleRow>> rows;                                                // by network
  std::vector<reconcile::Period> periods;                                                  // by network
  std::map<std::pair<std::size_t, std::string>, SettleExpectation, std::less<>> expected;  // by network and currency
};

}  // namespace tallystick::cli
