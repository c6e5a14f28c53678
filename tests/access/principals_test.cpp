#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/gatekeeper.h"
#include "access/principal_service.h"
#include "tests/support/database_test.h"

namespace tallystick::access {
namespace {

const ChangeContext kPersonnel{"key:admin", "joined", "request-1"};

class Principals : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    principals_ = std::make_unique<PrincipalService>(database(), audit_, clock_, random_);
    keys_ = std::make_unique<KeyService>(database(), audit_, clock_, random_);
    gatekeeper_ = std::make_unique<KeyGatekeeper>(*keys_, clock_);
  }
  Principal make(const std::string& name, Role role, const std::string& tenant = "") {
    clock_.advance_us(1000);
    const auto made = principals_->create({.name = name, .role = role, .tenant = tenant}, kPersonnel);
    EXPECT_TRUE(made) << made.error().message;
    return *made;
  }
  std::string make_secret(const Principal& owner, std::vector<std::string> scopes) {
    const auto made = keys_->create({.name = "key", .scopes = std::move(scopes), .principal_id = owner.id}, kPersonnel);
    EXPECT_TRUE(made) << made.error().message;
    return made->secret;
  }
  base::Result<http::Principal> admit(const std::string& secret, std::string_view scope) {
    http::Request request;
    request.client = *base::parse_ip("203.0.113.7");
    request.headers = {{"Authorization", "Bearer " + secret}};
    clock_.advance_us(base::kMicrosPerSecond);
    return gatekeeper_->admit(request, scope).principal;
  }
  std::string outcome(const std::string& secret, std::string_view scope) {
    const auto result = admit(secret, scope);
    return result ? "admitted" : result.error().code;
  }

  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  base::SeededRandom random_{1};
  AuditLog audit_{clock_, random_};
  std::unique_ptr<PrincipalService> principals_;
  std::unique_ptr<KeyService> keys_;
  std::unique_ptr<KeyGatekeeper> gatekeeper_;
};

TEST_P(Principals, TheFirstKeyBelongsToAnAdministrator) {
  const auto first = keys_->create_first_admin_key();
  ASSERT_TRUE(first && *first);
  const auto owner = principals_->get((*first)->key.principal_id);
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->role, Role::kAdmin);
  EXPECT_EQ(admit((*first)->secret, "keys:write")->role, "admin");
}

TEST_P(Principals, DisablingDisablesEveryKeyAtOnceAndEnablingGivesThemBack) {
  make("Root", Role::kAdmin);
  const Principal ada = make("Ada", Role::kAnalyst);
  const std::string laptop = make_secret(ada, {"insights:read"});
  const std::string script = make_secret(ada, {"journal:read"});
  EXPECT_EQ(outcome(laptop, "insights:read"), "admitted");
  EXPECT_EQ(outcome(script, "journal:read"), "admitted");
  ASSERT_TRUE(principals_->set_disabled(ada.id, true, std::nullopt, kPersonnel));
  EXPECT_EQ(outcome(laptop, "insights:read"), "key_unknown");
  EXPECT_EQ(outcome(script, "journal:read"), "key_unknown");
  const auto refused = keys_->create({.name = "x", .scopes = {"insights:read"}, .principal_id = ada.id}, kPersonnel);
  EXPECT_EQ(refused.error().code, "principal_disabled");
  const auto id = keys_->list({.principal_id = ada.id})->front().id;
  EXPECT_EQ(keys_->rotate(id, 0, kPersonnel).error().code, "principal_disabled");
  ASSERT_TRUE(principals_->set_disabled(ada.id, false, std::nullopt, kPersonnel));
  EXPECT_EQ(outcome(laptop, "insights:read"), "admitted");
}

TEST_P(Principals, AnotherRoleBindsTheKeysThatAreThereAlready) {
  make("Root", Role::kAdmin);
  const Principal ada = make("Ada", Role::kPartnerships);
  const std::string secret = make_secret(ada, {"partners:write", "insights:read"});
  EXPECT_EQ(outcome(secret, "partners:write"), "admitted");
  ASSERT_TRUE(principals_->change(ada.id, {.role = Role::kAnalyst}, 1, kPersonnel));
  EXPECT_EQ(outcome(secret, "partners:write"), "scope_missing");
  EXPECT_EQ(outcome(secret, "insights:read"), "admitted");
}

TEST_P(Principals, ARotatedKeyBelongsToTheSamePrincipal) {
  const Principal shop = make("Shop", Role::kMerchant, "acme");
  make_secret(shop, {"conversions:write"});
  const auto fresh = keys_->rotate(keys_->list()->front().id, 0, kPersonnel);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->key.principal_id, shop.id);
  EXPECT_EQ(fresh->key.tenant, "acme");
  EXPECT_EQ(admit(fresh->secret, "conversions:write")->tenant, "acme");
}

TEST_P(Principals, KeysOfTheirOwnGoOnAsBefore) {
  const auto made = keys_->create({.name = "old", .scopes = {"links:sign"}}, kPersonnel);
  ASSERT_TRUE(made);
  const auto admitted = admit(made->secret, "links:sign");
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->principal_id, "");
  EXPECT_EQ(admitted->role, "");
}

TEST_P(Principals, StaffAndTenantsStayApart) {
  EXPECT_EQ(principals_->create({.name = "x", .role = Role::kFinance, .tenant = "acme"}, kPersonnel).error().code,
            "validation_failed");
  EXPECT_EQ(principals_->create({.name = "x", .role = Role::kMerchant}, kPersonnel).error().fields[0].pointer,
            "/tenant");
  EXPECT_EQ(principals_->create({.name = "", .role = Role::kFinance}, kPersonnel).error().fields[0].pointer, "/name");
  const Principal shop = make("Shop", Role::kMerchant, "acme");
  const auto moved = principals_->change(shop.id, {.role = Role::kAdmin}, std::nullopt, kPersonnel);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().fields[0].code, "other_side");
}

TEST_P(Principals, TheLastAdministratorStays) {
  const Principal root = make("Root", Role::kAdmin);
  EXPECT_EQ(principals_->set_disabled(root.id, true, std::nullopt, kPersonnel).error().code, "last_administrator");
  EXPECT_EQ(principals_->change(root.id, {.role = Role::kSupport}, std::nullopt, kPersonnel).error().code,
            "last_administrator");
  ASSERT_TRUE(principals_->change(root.id, {.name = "Chief"}, std::nullopt, kPersonnel));
  const Principal second = make("Second", Role::kAdmin);
  ASSERT_TRUE(principals_->set_disabled(root.id, true, std::nullopt, kPersonnel));
  EXPECT_EQ(principals_->set_disabled(second.id, true, std::nullopt, kPersonnel).error().code, "last_administrator");
  ASSERT_TRUE(keys_->create({.name = "emergency", .scopes = {"admin"}}, kPersonnel));
  EXPECT_TRUE(principals_->set_disabled(second.id, true, std::nullopt, kPersonnel));
}

TEST_P(Principals, TrailSaysWhatWasBeforeAndAfter) {
  const Principal ada = make("Ada", Role::kAnalyst);
  ASSERT_TRUE(principals_->change(ada.id, {.role = Role::kFinance}, std::nullopt, kPersonnel));
  ASSERT_TRUE(principals_->change(ada.id, {.role = Role::kFinance}, std::nullopt, kPersonnel));
  ASSERT_TRUE(principals_->set_disabled(ada.id, true, std::nullopt, kPersonnel));
  const auto trail = AuditLog::list(database(), {.subject = "principal:" + base::format_uuid(ada.id)}, "", 10);
  ASSERT_EQ(trail->size(), 3U) << "a change that changes nothing is none";
  std::vector<std::string> actions;
  for (const AuditEntry& entry : *trail) {
    actions.push_back(entry.change.action);
  }
  EXPECT_THAT(actions, testing::UnorderedElementsAre("principal.create", "principal.change", "principal.disable"));
  const auto change = AuditLog::list(database(), {.action = "principal.change"}, "", 10)->front().change;
  EXPECT_THAT(change.before, testing::HasSubstr(R"("role":"analyst")"));
  EXPECT_THAT(change.after, testing::HasSubstr(R"("role":"finance")"));
}

TEST_P(Principals, AnOldVersionIsAConflict) {
  const Principal ada = make("Ada", Role::kAnalyst);
  ASSERT_TRUE(principals_->change(ada.id, {.name = "Ada L."}, 1, kPersonnel));
  EXPECT_EQ(principals_->change(ada.id, {.name = "A."}, 1, kPersonnel).error().code, "version_conflict");
  EXPECT_EQ(principals_->get(base::Uuid{}).error().code, "principal_not_found");
}

TALLY_ON_BOTH_DATABASES(Principals);

}  // namespace
}  // namespace tallystick::access
