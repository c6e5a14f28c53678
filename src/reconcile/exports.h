#pragma once
// Findings and items as CSV (RFC 4180): column names first, amounts in minor units and as decimals. Pure.

#include <string>
#include <string_view>

#include "reconcile/item_record.h"
#include "reconcile/run_service.h"

namespace tallystick::reconcile {

// A line per currency, a column per cause: of each line the causes add up to the difference.
[[nodiscard]] std::string findings_csv(const Run& run);

// The first line, with its end.
[[nodiscard]] std::string items_csv_header();
// One more line, with its end.
void append_item_csv(const ItemRecord& item, std::string& csv);

}  // namespace tallystick::reconcile
