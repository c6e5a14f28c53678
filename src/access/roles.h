#pragma once
// What people and programs are here for, and which scopes that gives them (docs/api/access.md). A role is a named set
// of scopes and nothing else: routes ask for scopes, never for roles. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::access {

enum class Role : std::uint8_t {
  kAdmin,
  kFinance,
  kPartnerships,
  kAnalyst,
  kSupport,
  kSeller,
  kMerchant,
  kAffiliate,
  kClient,
};

struct RoleInfo {
  Role role = Role::kSupport;
  std::string_view name;
  std::string_view description;
  bool is_tenant = false;  // belongs to a tenant, and reaches nothing but that tenant's
  std::span<const std::string_view> scopes;
};

[[nodiscard]] std::span<const RoleInfo> all_roles();
[[nodiscard]] const RoleInfo& info_of(Role role);
[[nodiscard]] std::string_view name_of(Role role);
// Error code: "unknown_role".
[[nodiscard]] base::Result<Role> parse_role(std::string_view name);

[[nodiscard]] std::vector<std::string> scopes_of(Role role);
// Whether a key of a principal in this role may have the scope.
[[nodiscard]] bool grants(Role role, std::string_view scope);
// What a key with `key_scopes` may do in the hands of a principal in this role: what both have. "admin" on the key
// stands for everything, so that a principal who is moved from admin to another role keeps that role's scopes.
[[nodiscard]] std::vector<std::string> effective_scopes(std::span<const std::string> key_scopes, Role role);

}  // namespace tallystick::access
