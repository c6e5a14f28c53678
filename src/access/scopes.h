#pragma once
// What a key may do: a closed set, so that a misspelt scope is an error and not a silent refusal.

#include <span>
#include <string_view>

namespace tallystick::access {

struct Scope {
  std::string_view name;
  std::string_view description;
};

inline constexpr std::string_view kPublicScope = "public";  // of routes, never of keys

// Every scope a key can have; "admin" includes all others.
[[nodiscard]] std::span<const Scope> all_scopes();
[[nodiscard]] bool is_scope(std::string_view name);

}  // namespace tallystick::access
