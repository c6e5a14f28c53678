#pragma once
// The SQL of items: a million of a run, so they are written through one statement for many. In the caller's
// transaction; throws soci::soci_error.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "reconcile/item_record.h"
#include "records/database.h"

namespace tallystick::reconcile {

struct ItemFilter {
  std::string kind = {};             // empty: any
  std::optional<Cause> cause = {};   // among its causes
  std::string currency = {};         // empty: any
  bool has_difference_only = false;  // not those that are matched and equal
};

// How many items of a run are alike, and what they count for.
struct ItemTotal {
  std::string currency, kind, claim_status, truth_status, cause;
  std::int64_t records = 0;
  std::int64_t our_counted = 0, their_counted = 0;
};

void insert_items(soci::session& session, records::Backend backend, std::span<const ItemRecord> items);

// In the order of their positions, after `after_position` (-1: from the first).
[[nodiscard]] std::vector<ItemRecord> load_items(soci::session& session,
                                                 std::int64_t run_number,
                                                 const ItemFilter& filter,
                                                 std::int64_t after_position,
                                                 std::int64_t max_items);

// By currency, kind, statuses and cause. Reads every item of the run.
[[nodiscard]] std::vector<ItemTotal> load_item_totals(soci::session& session, std::int64_t run_number);

// Of a run that is not complete: the first `max_items`; how many there were.
[[nodiscard]] std::int64_t remove_items(soci::session& session, std::int64_t run_number, std::int64_t max_items);

}  // namespace tallystick::reconcile
