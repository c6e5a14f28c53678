#include "access/roles.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/scopes.h"

namespace tallystick::access {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Roles, EveryScopeOfARoleExistsAndStandsThereOnce) {
  for (const RoleInfo& role : all_roles()) {
    std::set<std::string_view> seen;
    for (const std::string_view scope : role.scopes) {
      EXPECT_TRUE(is_scope(scope)) << role.name << " " << scope;
      EXPECT_TRUE(seen.insert(scope).second) << role.name << " " << scope;
    }
  }
}

TEST(Roles, TenantsHaveScopesForTenantsAndStaffHaveOthers) {
  for (const RoleInfo& role : all_roles()) {
    for (const std::string_view scope : role.scopes) {
      EXPECT_EQ(is_scope_for_tenants(scope), role.is_tenant) << role.name << " " << scope;
    }
  }
}

TEST(Roles, OnlyAdministratorsGiveAccessEraseAndRebuild) {
  for (const std::string_view scope : {"admin",
                                       "keys:write",
                                       "principals:read",
                                       "principals:write",
                                       "privacy:erase",
                                       "warehouse:write",
                                       "jobs:write",
                                       "alert_channels:write"}) {
    for (const RoleInfo& role : all_roles()) {
      EXPECT_EQ(grants(role.role, scope), role.role == Role::kAdmin) << role.name << " " << scope;
    }
  }
}

TEST(Roles, NamesParseBack) {
  for (const RoleInfo& role : all_roles()) {
    EXPECT_EQ(*parse_role(role.name), role.role);
    EXPECT_EQ(name_of(role.role), role.name);
  }
  EXPECT_EQ(parse_role("king").error().code, "unknown_role");
}

TEST(Roles, AKeyIsBoundByItselfAndByTheRole) {
  const std::vector<std::string> few = {"insights:read", "partners:write"};
  EXPECT_THAT(effective_scopes(few, Role::kAnalyst), ElementsAre("insights:read"));
  EXPECT_THAT(effective_scopes(few, Role::kAdmin), ElementsAre("insights:read", "partners:write"));
  EXPECT_THAT(effective_scopes(few, Role::kClient), IsEmpty());
  const std::vector<std::string> everything = {"admin"};
  EXPECT_EQ(effective_scopes(everything, Role::kAnalyst), scopes_of(Role::kAnalyst));
  EXPECT_THAT(effective_scopes(everything, Role::kAdmin), ElementsAre("admin"));
}

}  // namespace
}  // namespace tallystick::access
