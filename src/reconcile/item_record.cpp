#include "reconcile/item_record.h"

#include <algorithm>
#include <stdexcept>

#include <boost/json.hpp>

#include "base/uuid.h"
#include "reconcile/arithmetic.h"
#include "reconcile/run_service.h"

namespace tallystick::reconcile {
namespace {

namespace json = boost::json;

std::string text_of_id(const base::Uuid& id) {
  return id.is_nil() ? std::string() : base::format_uuid(id);
}

void add_claim(const Claim& claim, ItemRecord& record) {
  record.claim_key = claim.key;
  record.reference = claim.reference;
  record.click_id = text_of_id(claim.click_id);
  record.claim_order_id = claim.order_id;
  record.claim_status = name_of(claim.status);
  record.claim_currency = claim.currency.text();
  record.claim_amount = claim.amount_minor;
  record.claim_commission = claim.commission_minor;
  record.claim_occurred_at = claim.occurred_at.us;
  record.claim_booked_at = claim.booked_at.us;
  record.claim_first_seen_at = claim.first_seen_at.us;
  record.is_correction = claim.is_correction ? 1 : 0;
}

void add_truth(const Truth& truth, ItemRecord& record) {
  record.truth_id = base::format_uuid(truth.id);
  record.truth_kind = truth.kind == TruthKind::kClick ? "click" : "conversion";
  if (!truth.click_id.is_nil()) {
    record.click_id = base::format_uuid(truth.click_id);
  }
  record.truth_order_id = truth.order_id;
  record.truth_occurred_at = truth.occurred_at.us;
  record.is_invalid = truth.is_invalid ? 1 : 0;
  if (truth.kind == TruthKind::kConversion) {
    record.truth_status = name_of(truth.status);
    record.truth_currency = truth.currency.text();
    record.truth_amount = truth.amount_minor;
    record.truth_commission = truth.commission_minor;
  }
}

void add_match(const Match& match, const Sides& sides, ItemRecord& record) {
  record.rule = name_of(match.rule);
  record.confidence = match.confidence_permille;
  if (match.runner_up != kNone) {
    record.runner_up_id = base::format_uuid(sides.truths.at(match.runner_up).id);
    record.runner_up_confidence = match.runner_up_permille;
  }
}

void add_causes(const Item& item, ItemRecord& record) {
  if (item.causes.empty()) {
    return;
  }
  record.cause = name_of(std::ranges::max_element(item.causes, {}, [](const CauseAmount& cause) {
                           return magnitude_of(cause.amount_minor);
                         })->cause);
  if (item.causes.size() > 1 || item.causes.front().records != 1) {
    json::array all;
    for (const CauseAmount& cause : item.causes) {
      all.push_back(json::array{name_of(cause.cause), cause.amount_minor, cause.records});
    }
    record.causes = json::serialize(all);
  }
}

}  // namespace

ItemRecord make_item_record(
    const Item& item, std::int64_t run_number, std::int64_t position, const Sides& sides, const Matching& matching) {
  ItemRecord record;
  record.run_number = run_number;
  record.position = position;
  record.kind = item.match != kNone ? kKindMatched : item.claim != kNone ? kKindOnlyTheirs : kKindOnlyOurs;
  record.is_plain = item.match != kNone && item.causes.empty() ? 1 : 0;
  record.currency = item.currency.text();
  record.our_counted = item.our_commission_minor;
  record.their_counted = item.their_commission_minor;
  if (item.match != kNone) {
    add_match(matching.matches.at(item.match), sides, record);
  }
  if (item.claim != kNone) {
    add_claim(sides.claims.at(item.claim), record);
  }
  if (item.truth != kNone) {
    add_truth(sides.truths.at(item.truth), record);
  }
  add_causes(item, record);
  return record;
}

std::vector<CauseAmount> causes_of(const ItemRecord& item) {
  std::vector<CauseAmount> causes;
  const auto add = [&](std::string_view name, std::int64_t amount, std::int64_t records) {
    const auto cause = parse_cause(name);
    if (!cause) {
      throw std::runtime_error("recon_items holds a cause that cannot be read");
    }
    causes.push_back({*cause, amount, records});
  };
  if (!item.causes.empty()) {
    const json::value all = json::parse(item.causes);
    for (const json::value& one : all.as_array()) {
      add(one.at(0).as_string(), one.at(1).as_int64(), one.at(2).as_int64());
    }
  } else if (!item.cause.empty()) {
    add(item.cause, minus(item.their_counted, item.our_counted), 1);
  }
  return causes;
}

base::Result<Cause> parse_cause(std::string_view text) {
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    if (const auto cause = static_cast<Cause>(i); name_of(cause) == text) {
      return cause;
    }
  }
  return base::fail(base::ErrorKind::kInvalid,
                    "unknown_cause",
                    "a cause is time_zone, late_row, period_cut, invalid_traffic, duplicate_theirs, duplicate_ours, "
                    "reversal, pending, missing_sub_id, missing_conversion, currency, rounding, tolerance or "
                    "unexplained");
}

base::Result<std::string> parse_item_kind(std::string_view text) {
  for (const std::string_view kind : {kKindMatched, kKindOnlyOurs, kKindOnlyTheirs}) {
    if (kind == text) {
      return std::string(kind);
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_item_kind", "kind is matched, only_ours or only_theirs");
}

}  // namespace tallystick::reconcile
