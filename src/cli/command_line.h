#pragma once
// The command line as the commands see it: subcommands, options, and the action that a command stands for. CLI11 lies
// behind it, in one file, because every file that includes it takes a quarter of a minute to build. Command and Option
// are handles: copy them freely, they live no longer than their CommandLine. One thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/context.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
class Option;
}  // namespace CLI

namespace tallystick::cli {

class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}
  Option required();
  Option type_name(const std::string& name);
  // Both bounds belong to it.
  Option in_range(int least, int most);
  Option in_range(double least, double most);
  // Help names the value that the variable holds now.
  Option show_default();
  // Without the other option it is wrong usage.
  Option needs(const Option& other);
  // Whether the command line has it; for actions, after parsing.
  [[nodiscard]] bool is_given() const;

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}
  Command add_subcommand(const std::string& name, const std::string& description);
  // Without a subcommand it is wrong usage.
  void require_subcommand();
  // Left out of the help of the command above it.
  void hide();
  // What help says last: examples.
  void footer(const std::string& text);
  Option add_flag(const std::string& name, bool& value, const std::string& description);
  // A name without dashes is a positional argument. The value must outlive parsing; it may be a text, a list of texts,
  // an int, a 64-bit integer or a double.
  template <typename Value>
  Option add_option(const std::string& name, Value& value, const std::string& description);
  // Choosing this command makes `action` the context's.
  void set_action(Context& context, std::function<base::Result<int>()> action);

 private:
  CLI::App* app_;
};

class CommandLine {
 public:
  CommandLine(const std::string& description, const std::string& name);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  [[nodiscard]] Command root();
  // The exit code when nothing is left to do: help was asked for, or the usage is wrong; either is printed.
  [[nodiscard]] std::optional<int> parse(const std::vector<std::string>& arguments, Terminal& terminal);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace tallystick::cli
