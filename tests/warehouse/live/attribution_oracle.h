#pragma once
// What attribution must say of a history, worked out the slow and plain way: for each click and each conversion every
// exposure is looked at. One thread.

#include <string>
#include <vector>

#include "tests/warehouse/live/attribution_history.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

// A line per row of attributed_clicks and attributed_conversions, in order.
[[nodiscard]] std::vector<std::string> expected_clicks(const History& history);
[[nodiscard]] std::vector<std::string> expected_conversions(const History& history);
// The same of the warehouse; `clicks` and `conversions` name the views, or tables of their form.
[[nodiscard]] std::vector<std::string> load_clicks(Client& client, const Layout& layout, const std::string& clicks);
[[nodiscard]] std::vector<std::string> load_conversions(Client& client,
                                                        const Layout& layout,
                                                        const std::string& conversions);

}  // namespace tallystick::warehouse
