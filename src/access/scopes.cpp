#include "access/scopes.h"

#include <algorithm>
#include <array>

namespace tallystick::access {
namespace {

constexpr auto kScopes = std::to_array<Scope>({
    {"admin", "everything"},
    {"partners:read", "read partners and their links"},
    {"partners:write", "create and change partners and their links"},
    {"links:sign", "sign links"},
    {"exposure:read", "read placements, merchants and exposure units"},
    {"exposure:write", "create and change placements, merchants and exposure units"},
    {"conversions:write", "report conversions"},
    {"dead_letters:read", "read refused events"},
    {"dead_letters:write", "replay refused events"},
    {"journal:read", "read the journal's statistics"},
    {"privacy:erase", "erase a person"},
    {"audit:read", "read the audit trail"},
    {"alerts:read", "read alerts"},
    {"alerts:write", "acknowledge and resolve alerts"},
    {"keys:write", "create, rotate and revoke API keys"},
    {"metrics:read", "read metrics, where the configuration protects them"},
});

}  // namespace

std::span<const Scope> all_scopes() {
  return kScopes;
}

bool is_scope(std::string_view name) {
  return std::ranges::any_of(kScopes, [&](const Scope& scope) { return scope.name == name; });
}

}  // namespace tallystick::access
