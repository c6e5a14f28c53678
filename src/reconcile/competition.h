#pragma once
// Claims and truths that no id connects compete for each other: candidates are found, the best assignment is made, and
// what a limit kept out is looked at again among what is left. One thread; docs/reconciliation.md, "Assignment".

#include <cstdint>
#include <span>
#include <vector>

#include "reconcile/matcher.h"
#include "reconcile/model.h"
#include "reconcile/pair_habits.h"

namespace tallystick::reconcile {

// Matches among the records at these positions, all of rule kAssignment. `claim_positions` name no correction,
// `truth_positions` no click. `known`: what ids have shown of the partner's habits; where that is too little, the
// records are matched without, and once more by what that shows.
[[nodiscard]] std::vector<Match> compete(std::span<const Claim> claims,
                                         std::span<const std::uint32_t> claim_positions,
                                         std::span<const Truth> truths,
                                         std::span<const std::uint32_t> truth_positions,
                                         const MatchRules& rules,
                                         const PairHabits& known = {});

}  // namespace tallystick::reconcile
