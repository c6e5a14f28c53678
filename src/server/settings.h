#pragma once
// Every setting of the program, declared once. docs/configuration.md is generated from this table.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"

namespace tallystick::server {

[[nodiscard]] std::span<const base::Setting> settings();

using Environment = std::vector<std::pair<std::string, std::string>>;

// Variables with our prefix that are for the command line, not settings.
[[nodiscard]] std::span<const std::string_view> command_variables();

// `file` absent: "tallystick.toml" in the working directory, when there is one.
[[nodiscard]] base::Result<base::Config> load_config(const std::optional<std::filesystem::path>& file,
                                                     const Environment& environment);

}  // namespace tallystick::server
