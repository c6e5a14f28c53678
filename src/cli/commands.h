#pragma once
// One function per command, in a file of the same name: adds the command and its options to the parser.

namespace CLI {
class App;
}

namespace tallystick::cli {

struct Context;

void add_config_command(CLI::App& app, Context& context);
void add_dead_letters_command(CLI::App& app, Context& context);
void add_demo_command(CLI::App& app, Context& context);
void add_doctor_command(CLI::App& app, Context& context);
void add_journal_command(CLI::App& app, Context& context);
void add_keys_command(CLI::App& app, Context& context);
void add_link_command(CLI::App& app, Context& context);
void add_migrate_command(CLI::App& app, Context& context);
void add_privacy_command(CLI::App& app, Context& context);
void add_receipt_command(CLI::App& app, Context& context);
void add_serve_command(CLI::App& app, Context& context);
void add_version_command(CLI::App& app, Context& context);

}  // namespace tallystick::cli
