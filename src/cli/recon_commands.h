#pragma once
// The parts of `recon`, in files of their own.

namespace tallystick::cli {

class Command;
struct Context;

void add_recon_export_command(Command recon, Context& context);
void add_recon_discrepancies_command(Command recon, Context& context);

}  // namespace tallystick::cli
