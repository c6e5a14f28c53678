#pragma once
// Reconciliations and discrepancies as text for a terminal, from the JSON of the API. Pure.

#include <iosfwd>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace tallystick::cli {

// Figures per currency, and the way from ours to theirs as a chart whose last line is the sum of those above it.
void print_reconciliation(std::ostream& out, const boost::json::object& run);

void print_discrepancy(std::ostream& out, const boost::json::object& discrepancy);

// A member as text: "" when it is absent or null, JSON when it is no string.
[[nodiscard]] std::string recon_text(const boost::json::object& object, std::string_view name);

// "+3.00", "-7.00", "0.00".
[[nodiscard]] std::string signed_text(std::string_view amount);

}  // namespace tallystick::cli
