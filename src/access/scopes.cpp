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
    {"reports:read", "read imported partner reports and report profiles"},
    {"reports:write", "import partner reports"},
    {"exposure:read", "read placements, merchants and exposure units"},
    {"exposure:write", "create and change placements, merchants and exposure units"},
    {"insights:read", "read reports"},
    {"conversions:write", "report conversions", true},
    {"dead_letters:read", "read refused events"},
    {"dead_letters:write", "replay refused events"},
    {"journal:read", "read the journal's statistics"},
    {"warehouse:read", "read how the warehouse is"},
    {"warehouse:write", "rebuild the warehouse"},
    {"privacy:erase", "erase a person"},
    {"reconciliation:read", "read reconciliations and discrepancies"},
    {"reconciliation:write", "reconcile with partners, and settle discrepancies"},
    {"audit:read", "read the audit trail"},
    {"alerts:read", "read alerts and the channels on which they are told"},
    {"alerts:write", "acknowledge and resolve alerts"},
    {"alert_channels:write", "create, change, test and delete the channels on which alerts are told"},
    {"jobs:read", "read jobs and schedules"},
    {"jobs:write", "retry and cancel jobs, run schedules"},
    {"keys:write", "list, create, rotate and revoke API keys"},
    {"principals:read", "read principals"},
    {"principals:write", "create, change, disable and enable principals"},
    {"metrics:read", "read metrics, where the configuration protects them"},
});

const Scope* find_scope(std::string_view name) {
  const auto found = std::ranges::find(kScopes, name, &Scope::name);
  return found == kScopes.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Scope> all_scopes() {
  return kScopes;
}

bool is_scope(std::string_view name) {
  return find_scope(name) != nullptr;
}

bool is_scope_for_tenants(std::string_view name) {
  const Scope* scope = find_scope(name);
  return scope != nullptr && scope->is_for_tenants;
}

base::Result<void> expect_may_grant(const http::Principal& giver, std::span<const std::string> scopes) {
  for (const std::string& scope : scopes) {
    if (!giver.tenant.empty() || !giver.has_scope(scope)) {
      return base::fail(base::ErrorKind::kForbidden,
                        "scope_not_held",
                        "only who has every scope of a key or a role may give it, change it or take it away");
    }
  }
  return {};
}

}  // namespace tallystick::access
