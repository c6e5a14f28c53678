#pragma once
// The JSON forms of this room's values. Amounts stand twice: exact minor units, and as a decimal for people. Pure.

#include <span>

#include <boost/json.hpp>

#include "reconcile/discrepancy.h"
#include "reconcile/item_record.h"
#include "reconcile/model.h"
#include "reconcile/run_service.h"

namespace tallystick::reconcile {

[[nodiscard]] boost::json::object to_json(const Finding& finding);
[[nodiscard]] boost::json::object to_json(const Run& run);
[[nodiscard]] boost::json::object to_json(const ItemRecord& item);
[[nodiscard]] boost::json::object to_json(const Discrepancy& discrepancy);
[[nodiscard]] boost::json::object to_json(const DiscrepancyNote& note);

// What became of each currency since the run before: figures before and now, and the causes that changed.
[[nodiscard]] boost::json::array changes_between(std::span<const Finding> before, std::span<const Finding> now);

}  // namespace tallystick::reconcile
