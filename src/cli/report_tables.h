#pragma once
// A report's JSON as aligned tables: the answer describes its own columns, so there is nothing here to keep in step.
// Ids and details stay in JSON and CSV. Pure but for the stream.

#include <iosfwd>
#include <string_view>

#include <boost/json/object.hpp>

namespace tallystick::cli {

// Title, period and basis, a table per section, notes, and how fresh the figures are.
void print_report(std::ostream& out, const boost::json::object& report);
// One section with its title; nothing when there is none of that name.
void print_section(std::ostream& out, const boost::json::object& report, std::string_view name);

}  // namespace tallystick::cli
