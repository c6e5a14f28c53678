#include "cli/command_line.h"

#include <utility>

#include <CLI/CLI.hpp>

namespace tallystick::cli {

Option Option::required() {
  option_->required();
  return *this;
}

Option Option::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Option Option::in_range(int least, int most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option Option::in_range(double least, double most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option Option::show_default() {
  option_->capture_default_str();
  return *this;
}

Option Option::needs(const Option& other) {
  option_->needs(other.option_);
  return *this;
}

bool Option::is_given() const {
  return option_->count() > 0;
}

Command Command::add_subcommand(const std::string& name, const std::string& description) {
  return Command(*app_->add_subcommand(name, description));
}

void Command::require_subcommand() {
  app_->require_subcommand(1);
}

void Command::hide() {
  app_->group("");
}

void Command::footer(const std::string& text) {
  app_->footer(text);
}

Option Command::add_flag(const std::string& name, bool& value, const std::string& description) {
  return Option(*app_->add_flag(name, value, description));
}

template <typename Value>
Option Command::add_option(const std::string& name, Value& value, const std::string& description) {
  return Option(*app_->add_option(name, value, description));
}

template Option Command::add_option(const std::string&, std::string&, const std::string&);
template Option Command::add_option(const std::string&, std::vector<std::string>&, const std::string&);
template Option Command::add_option(const std::string&, int&, const std::string&);
template Option Command::add_option(const std::string&, std::int64_t&, const std::string&);
template Option Command::add_option(const std::string&, std::uint64_t&, const std::string&);
template Option Command::add_option(const std::string&, double&, const std::string&);

void Command::set_action(Context& context, std::function<base::Result<int>()> action) {
  app_->callback([&context, action = std::move(action)] { context.action = action; });
}

CommandLine::CommandLine(const std::string& description, const std::string& name)
    : app_(std::make_unique<CLI::App>(description, name)) {
  app_->fallthrough();  // global options may stand behind the command
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() {
  return Command(*app_);
}

std::optional<int> CommandLine::parse(const std::vector<std::string>& arguments, Terminal& terminal) {
  try {
    app_->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    const int code = app_->exit(error, terminal.out, terminal.err);
    return code == 0 ? kSuccess : kWrongUsage;
  }
  return std::nullopt;
}

}  // namespace tallystick::cli
