#pragma once
// Networks name a sale by an order id, by a transaction id of their own, or by both, and their postbacks need not name
// it as their reports do. Matching knows order ids only: where a claim and a truth name the same transaction and do not
// agree in an order, they are given one order id. Pure.

#include <span>
#include <string>

#include "reconcile/model.h"

namespace tallystick::settlement {

// What one side says of a sale: its order id, and beside it, at the same position, its transaction id ("": none), both
// normalised. Changes order_id only. A truth that names a transaction of a claim, as its transaction or as its order,
// gets the claim's order id, unless a claim names the truth's own. A claim without an order id gets that of the truth
// (of several the smallest), else the transaction id. The result does not depend on the order of either side.
void join_transactions(std::span<reconcile::Claim> claims,
                       std::span<const std::string> claim_transactions,
                       std::span<reconcile::Truth> truths,
                       std::span<const std::string> truth_transactions);

}  // namespace tallystick::settlement
