#pragma once
// `report import`, `report list` and `report profiles`: reports that partners sent us.

namespace tallystick::cli {

class Command;
struct Context;

// Below the command `report`.
void add_partner_report_commands(Command report, Context& context);
void add_report_import_command(Command report, Context& context);

}  // namespace tallystick::cli
