#pragma once
// One function per command, in a file of the same name: adds the command and its options to the parser.

namespace tallystick::cli {

class Command;
struct Context;

void add_alerts_command(Command app, Context& context);
void add_audit_command(Command app, Context& context);
void add_config_command(Command app, Context& context);
void add_coupon_command(Command app, Context& context);
void add_dead_letters_command(Command app, Context& context);
void add_demo_command(Command app, Context& context);
void add_doctor_command(Command app, Context& context);
void add_engine_command(Command app, Context& context);
void add_jobs_command(Command app, Context& context);
void add_journal_command(Command app, Context& context);
void add_keys_command(Command app, Context& context);
void add_link_command(Command app, Context& context);
void add_migrate_command(Command app, Context& context);
void add_partner_command(Command app, Context& context);
void add_principals_command(Command app, Context& context);
void add_privacy_command(Command app, Context& context);
void add_receipt_command(Command app, Context& context);
void add_recon_command(Command app, Context& context);
void add_report_command(Command app, Context& context);
void add_serve_command(Command app, Context& context);
void add_version_command(Command app, Context& context);
void add_warehouse_command(Command app, Context& context);

}  // namespace tallystick::cli
