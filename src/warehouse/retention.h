#pragma once
// Brings tables that are there already to other times of retention. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "warehouse/layout.h"

namespace tallystick::warehouse {

// The statements that change `table`, as the server names it and with the definition that the server tells, to the
// layout's retention; none when it has it.
[[nodiscard]] std::vector<std::string> retention_changes(const Layout& layout,
                                                         std::string_view table,
                                                         std::string_view definition);

}  // namespace tallystick::warehouse
