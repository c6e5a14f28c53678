#include "access/roles.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace tallystick::access {
namespace {

// In the order of scopes.cpp. What stands in no role but admin's is for administrators: keys, principals, erasing a
// person, rebuilding the warehouse, cancelling and repeating whatever job there is.
constexpr auto kAdminScopes = std::to_array<std::string_view>({"admin"});

constexpr auto kFinanceScopes = std::to_array<std::string_view>({
    "partners:read",
    "exposure:read",
    "reports:read",
    "reports:write",
    "insights:read",
    "journal:read",
    "warehouse:read",
    "reconciliation:read",
    "reconciliation:write",
    "audit:read",
    "jobs:read",
    "alerts:read",
    "alerts:write",
});

constexpr auto kPartnershipsScopes = std::to_array<std::string_view>({
    "partners:read",
    "partners:write",
    "links:sign",
    "exposure:read",
    "exposure:write",
    "reports:read",
    "reports:write",
    "insights:read",
    "dead_letters:read",
    "dead_letters:write",
    "reconciliation:read",
    "reconciliation:write",
    "jobs:read",
    "alerts:read",
    "alerts:write",
});

constexpr auto kAnalystScopes = std::to_array<std::string_view>({
    "partners:read",
    "exposure:read",
    "reports:read",
    "insights:read",
    "dead_letters:read",
    "journal:read",
    "warehouse:read",
    "reconciliation:read",
    "jobs:read",
    "alerts:read",
    "metrics:read",
});

constexpr auto kSupportScopes = std::to_array<std::string_view>({
    "partners:read",
    "exposure:read",
    "insights:read",
    "dead_letters:read",
    "dead_letters:write",
    "jobs:read",
    "alerts:read",
    "alerts:write",
});

// Whoever is paid for a sale must not be the one who reports it: affiliates have no scope yet.
constexpr auto kShopScopes = std::to_array<std::string_view>({"conversions:write"});
constexpr std::span<const std::string_view> kNoScopes = {};

constexpr auto kRoles = std::to_array<RoleInfo>({
    {Role::kAdmin, "admin", "runs the installation: everything", false, kAdminScopes},
    {Role::kFinance, "finance", "settles with partners", false, kFinanceScopes},
    {Role::kPartnerships, "partnerships", "looks after partners, links and placements", false, kPartnershipsScopes},
    {Role::kAnalyst, "analyst", "reads figures and the state of the data", false, kAnalystScopes},
    {Role::kSupport, "support", "looks into refused events and alerts", false, kSupportScopes},
    {Role::kSeller, "seller", "a shop on a marketplace: reports its conversions", true, kShopScopes},
    {Role::kMerchant, "merchant", "a shop: reports its conversions", true, kShopScopes},
    {Role::kAffiliate, "affiliate", "publishes links; no scope yet", true, kNoScopes},
    {Role::kClient, "client", "pays for exposure; no scope yet", true, kNoScopes},
});

bool has(std::span<const std::string> scopes, std::string_view scope) {
  return std::ranges::find(scopes, scope) != scopes.end();
}

}  // namespace

std::span<const RoleInfo> all_roles() {
  return kRoles;
}

const RoleInfo& info_of(Role role) {
  const auto found = std::ranges::find(kRoles, role, &RoleInfo::role);
  if (found == kRoles.end()) {
    throw std::logic_error("a role without a line in the table of roles");
  }
  return *found;
}

std::string_view name_of(Role role) {
  return info_of(role).name;
}

base::Result<Role> parse_role(std::string_view name) {
  const auto found = std::ranges::find(kRoles, name, &RoleInfo::name);
  if (found == kRoles.end()) {
    std::string names;
    for (const RoleInfo& role : kRoles) {
      names.append(names.empty() ? "" : ", ").append(role.name);
    }
    return base::fail(base::ErrorKind::kUnprocessable, "unknown_role", "a role is one of " + names);
  }
  return found->role;
}

std::vector<std::string> scopes_of(Role role) {
  const auto scopes = info_of(role).scopes;
  return {scopes.begin(), scopes.end()};
}

bool grants(Role role, std::string_view scope) {
  return role == Role::kAdmin || std::ranges::find(info_of(role).scopes, scope) != info_of(role).scopes.end();
}

std::vector<std::string> effective_scopes(std::span<const std::string> key_scopes, Role role) {
  if (role == Role::kAdmin) {
    return {key_scopes.begin(), key_scopes.end()};
  }
  std::vector<std::string> scopes = scopes_of(role);
  if (!has(key_scopes, "admin")) {
    std::erase_if(scopes, [&](const std::string& scope) { return !has(key_scopes, scope); });
  }
  return scopes;
}

}  // namespace tallystick::access
