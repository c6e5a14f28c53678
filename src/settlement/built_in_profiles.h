#pragma once
// The profiles that are embedded in the binary: data/report_profiles/*.toml. The build generates the table.

#include <span>
#include <string_view>

namespace tallystick::settlement {

struct BuiltInProfile {
  std::string_view name;
  std::string_view toml;
};

[[nodiscard]] std::span<const BuiltInProfile> built_in_profiles();

}  // namespace tallystick::settlement
