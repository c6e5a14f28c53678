#pragma once
// The seven networks of the settlement demo. Constant.

#include <array>

#include "cli/settle_model.h"

namespace tallystick::cli {

// Their positions are the networks' numbers everywhere in the demo.
[[nodiscard]] const std::array<SettleNetwork, kSettleNetworks>& settle_networks();

}  // namespace tallystick::cli
