#pragma once
// An item as it is kept: with so much of its claim and its truth that a list or an export explains itself without
// anybody else's tables. Plain value; what an item has not is "" and 0.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "reconcile/model.h"

namespace tallystick::reconcile {

struct Sides;

inline constexpr std::string_view kKindMatched = "matched";
inline constexpr std::string_view kKindOnlyOurs = "only_ours";
inline constexpr std::string_view kKindOnlyTheirs = "only_theirs";

struct ItemRecord {
  std::int64_t run_number = 0;
  std::int64_t position = 0;  // in the outcome
  std::string kind = {};      // one of the above
  std::int64_t is_plain = 0;  // matched, and without a difference
  std::string currency = {};
  std::int64_t our_counted = 0;  // commission as far as it counts in the period
  std::int64_t their_counted = 0;
  std::string rule = {};
  std::int64_t confidence = 0;  // per mille
  std::string runner_up_id = {};
  std::int64_t runner_up_confidence = 0;
  std::string cause = {};   // the one with the greatest amount
  std::string causes = {};  // all of them, as JSON, when there is more to say than that one and 1 record
  std::string claim_key = {}, reference = {}, claim_order_id = {}, claim_status = {}, claim_currency = {};
  std::int64_t claim_amount = 0, claim_commission = 0;
  std::int64_t claim_occurred_at = 0, claim_booked_at = 0, claim_first_seen_at = 0;
  std::int64_t is_correction = 0;
  std::string truth_id = {}, truth_kind = {}, click_id = {}, truth_order_id = {}, truth_status = {},
              truth_currency = {};
  std::int64_t truth_amount = 0, truth_commission = 0;
  std::int64_t truth_occurred_at = 0;
  std::int64_t is_invalid = 0;
};

void for_each_column(ItemRecord& item, const auto& visit) {
  visit("run_number", item.run_number);
  visit("position", item.position);
  visit("kind", item.kind);
  visit("is_plain", item.is_plain);
  visit("currency", item.currency);
  visit("our_counted", item.our_counted);
  visit("their_counted", item.their_counted);
  visit("rule", item.rule);
  visit("confidence", item.confidence);
  visit("runner_up_id", item.runner_up_id);
  visit("runner_up_confidence", item.runner_up_confidence);
  visit("cause", item.cause);
  visit("causes", item.causes);
  visit("claim_key", item.claim_key);
  visit("reference", item.reference);
  visit("claim_order_id", item.claim_order_id);
  visit("claim_status", item.claim_status);
  visit("claim_currency", item.claim_currency);
  visit("claim_amount", item.claim_amount);
  visit("claim_commission", item.claim_commission);
  visit("claim_occurred_at", item.claim_occurred_at);
  visit("claim_booked_at", item.claim_booked_at);
  visit("claim_first_seen_at", item.claim_first_seen_at);
  visit("is_correction", item.is_correction);
  visit("truth_id", item.truth_id);
  visit("truth_kind", item.truth_kind);
  visit("click_id", item.click_id);
  visit("truth_order_id", item.truth_order_id);
  visit("truth_status", item.truth_status);
  visit("truth_currency", item.truth_currency);
  visit("truth_amount", item.truth_amount);
  visit("truth_commission", item.truth_commission);
  visit("truth_occurred_at", item.truth_occurred_at);
  visit("is_invalid", item.is_invalid);
}

// Item number `position` of an outcome of these sides.
[[nodiscard]] ItemRecord make_item_record(
    const Item& item, std::int64_t run_number, std::int64_t position, const Sides& sides, const Matching& matching);

// All of them; they add up to their_counted - our_counted.
[[nodiscard]] std::vector<CauseAmount> causes_of(const ItemRecord& item);

// "late_row", ... Error code: "unknown_cause".
[[nodiscard]] base::Result<Cause> parse_cause(std::string_view text);
// Error code: "unknown_item_kind".
[[nodiscard]] base::Result<std::string> parse_item_kind(std::string_view text);

}  // namespace tallystick::reconcile
