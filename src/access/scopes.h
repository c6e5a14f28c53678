#pragma once
// What a key may do: a closed set, so that a misspelt scope is an error and not a silent refusal. A tenant's key has
// only scopes that reach nobody else's data (I6), and nobody hands on more than they have. Pure.

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace tallystick::access {

struct Scope {
  std::string_view name;
  std::string_view description;
  bool is_for_tenants = false;
};

// Every scope a key can have; "admin" includes all others.
[[nodiscard]] std::span<const Scope> all_scopes();
[[nodiscard]] bool is_scope(std::string_view name);
// Whether the key of a tenant may have it. False for unknown ones.
[[nodiscard]] bool is_scope_for_tenants(std::string_view name);

// Whether `giver` may make, replace or take away a key or a principal with these scopes: staff who have each of them.
// Otherwise a key that may only make keys could make itself an administrator. Error code: "scope_not_held".
[[nodiscard]] base::Result<void> expect_may_grant(const http::Principal& giver, std::span<const std::string> scopes);

}  // namespace tallystick::access
