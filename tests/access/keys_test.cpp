#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/gatekeeper.h"
#include "access/service.h"
#include "tests/support/database_test.h"

namespace tallystick::access {
namespace {

const ChangeContext kContext{"key:admin", "", ""};

class Keys : public support::DatabaseTest {
 protected:
  base::Result<http::Principal> admit(const std::string& secret, std::string_view scope) {
    http::Request request;
    request.client = *base::parse_ip("203.0.113.7");
    if (!secret.empty()) {
      request.headers = {{"Authorization", "Bearer " + secret}};
    }
    return gatekeeper().admit(request, scope).principal;
  }
  std::string code_of(const base::Result<http::Principal>& result) { return result ? "admitted" : result.error().code; }
  KeyService& service() {
    if (!service_) {
      service_ = std::make_unique<KeyService>(database(), audit_, clock_, random_);
      gatekeeper_ = std::make_unique<KeyGatekeeper>(*service_, clock_);
    }
    return *service_;
  }
  KeyGatekeeper& gatekeeper() {
    service();
    return *gatekeeper_;
  }
  void pass(std::int64_t us) { clock_.advance_us(us); }

  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  base::SeededRandom random_{1};
  AuditLog audit_{clock_, random_};
  std::unique_ptr<KeyService> service_;
  std::unique_ptr<KeyGatekeeper> gatekeeper_;
};

TEST_P(Keys, FirstAdminKeyIsMadeOnce) {
  const auto first = service().create_first_admin_key();
  ASSERT_TRUE(first && *first);
  EXPECT_THAT((*first)->secret, testing::MatchesRegex("tsk_[0-9a-f]{64}"));
  EXPECT_EQ(code_of(admit((*first)->secret, "partners:write")), "admitted");
  EXPECT_FALSE(*service().create_first_admin_key());
}

TEST_P(Keys, SecretIsNotInTheDatabase) {
  const auto made = service().create({.name = "shop", .scopes = {"links:sign"}}, kContext);
  ASSERT_TRUE(made);
  const auto stored = service().list();
  ASSERT_EQ(stored->size(), 1U);
  EXPECT_EQ(stored->front().digest, key_digest(made->secret));
  const auto trail = AuditLog::list(database(), {}, "", 10);
  ASSERT_EQ(trail->size(), 1U);
  EXPECT_THAT(trail->front().change.after, testing::Not(testing::HasSubstr(made->secret)));
}

TEST_P(Keys, ScopeDecides) {
  const auto made = service().create({.name = "shop", .scopes = {"links:sign"}}, kContext);
  ASSERT_TRUE(made);
  EXPECT_EQ(code_of(admit(made->secret, "links:sign")), "admitted");
  EXPECT_EQ(code_of(admit(made->secret, "partners:write")), "scope_missing");
  EXPECT_EQ(code_of(admit("", "links:sign")), "key_missing");
  EXPECT_EQ(code_of(admit(made->secret + "0", "links:sign")), "key_unknown");
  EXPECT_EQ(gatekeeper().count_of(AdmissionResult::kAdmitted), 1U);
  EXPECT_EQ(gatekeeper().count_of(AdmissionResult::kForbidden), 1U);
  EXPECT_EQ(gatekeeper().count_of(AdmissionResult::kUnauthenticated), 2U);
}

TEST_P(Keys, BadDraftsAreRefusedMemberByMember) {
  const auto result = service().create({.name = "", .scopes = {"links:sing"}, .expires_at = {1}}, kContext);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "validation_failed");
  std::vector<std::string> pointers;
  for (const auto& field : result.error().fields) {
    pointers.push_back(field.pointer);
  }
  EXPECT_THAT(pointers, testing::ElementsAre("/name", "/scopes/0", "/expires_at"));
}

TEST_P(Keys, RevocationWorksWithinASecond) {
  const auto made = service().create({.name = "shop", .scopes = {"links:sign"}}, kContext);
  ASSERT_EQ(code_of(admit(made->secret, "links:sign")), "admitted");
  ASSERT_TRUE(service().revoke(made->key.id, kContext));
  pass(base::kMicrosPerSecond);
  EXPECT_EQ(code_of(admit(made->secret, "links:sign")), "key_unknown");
  EXPECT_EQ(service().rotate(made->key.id, 0, kContext).error().code, "key_not_valid");
}

TEST_P(Keys, ANewKeyIsGoodAtOnce) {
  const auto first = service().create({.name = "first", .scopes = {"links:sign"}}, kContext);
  ASSERT_EQ(code_of(admit(first->secret, "links:sign")), "admitted");
  const auto second = service().create({.name = "second", .scopes = {"links:sign"}}, kContext);
  EXPECT_EQ(code_of(admit(second->secret, "links:sign")), "admitted");
}

TEST_P(Keys, RotationKeepsTheOldKeyForTheOverlap) {
  const auto old = service().create({.name = "shop", .scopes = {"conversions:write"}, .tenant = "t1"}, kContext);
  const auto fresh = service().rotate(old->key.id, base::kMicrosPerHour, kContext);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->key.scopes, old->key.scopes);
  EXPECT_EQ(fresh->key.tenant, "t1");
  pass(base::kMicrosPerHour - 1);
  EXPECT_EQ(code_of(admit(old->secret, "conversions:write")), "admitted");
  EXPECT_EQ(code_of(admit(fresh->secret, "conversions:write")), "admitted");
  pass(1);
  EXPECT_EQ(code_of(admit(old->secret, "conversions:write")), "key_unknown");
  EXPECT_EQ(code_of(admit(fresh->secret, "conversions:write")), "admitted");
}

TEST_P(Keys, TenantsGetOnlyScopesThatReachNobodyElsesData) {
  const auto draft = service().create({.name = "shop", .scopes = {"audit:read", "admin"}, .tenant = "t1"}, kContext);
  ASSERT_FALSE(draft);
  ASSERT_EQ(draft.error().fields.size(), 2U);
  EXPECT_EQ(draft.error().fields[1].pointer, "/scopes/1");
  EXPECT_EQ(draft.error().fields[1].code, "not_for_tenants");
}

TEST_P(Keys, TenantsReachNoStaffRouteEvenWithTheScopeInTheDatabase) {
  const auto made = service().create({.name = "shop", .scopes = {"conversions:write"}, .tenant = "t1"}, kContext);
  ASSERT_TRUE(made);
  const auto changed = database().write<bool>([](soci::session& session) -> base::Result<bool> {
    session << "UPDATE api_keys SET scopes = '[\"admin\"]'";
    return true;
  });
  ASSERT_TRUE(changed);
  EXPECT_EQ(code_of(admit(made->secret, "audit:read")), "scope_missing");
  EXPECT_EQ(code_of(admit(made->secret, "conversions:write")), "admitted");
}

TEST_P(Keys, GuessingIsStoppedPerClientForAMinute) {
  const auto made = service().create({.name = "shop", .scopes = {"links:sign"}}, kContext);
  for (int i = 0; i < kMaxFailuresPerMinute; ++i) {
    EXPECT_EQ(code_of(admit("tsk_guess" + std::to_string(i), "links:sign")), "key_unknown");
  }
  EXPECT_EQ(code_of(admit(made->secret, "links:sign")), "too_many_failures");
  pass(base::kMicrosPerMinute);
  EXPECT_EQ(code_of(admit(made->secret, "links:sign")), "admitted");
}

TEST_P(Keys, LastUseIsRecordedToTheMinute) {
  const auto made = service().create({.name = "shop", .scopes = {"links:sign"}}, kContext);
  ASSERT_EQ(code_of(admit(made->secret, "links:sign")), "admitted");
  const base::Timestamp first = clock_.now();
  pass(10 * base::kMicrosPerSecond);
  ASSERT_EQ(code_of(admit(made->secret, "links:sign")), "admitted");
  EXPECT_EQ(service().list()->front().last_used_at, first);
}

TEST_P(Keys, RotationAtTheSameTimeDoesNotUndoARevocation) {
  base::SystemRandom system_random;
  const auto other = open();
  AuditLog other_audit(clock_, system_random);
  KeyService node(*other, other_audit, clock_, system_random);
  for (int i = 0; i < 10; ++i) {
    const auto made = service().create({.name = "shop", .scopes = {"links:sign"}}, kContext);
    ASSERT_TRUE(made);
    std::thread rotation([&] { static_cast<void>(node.rotate(made->key.id, base::kMicrosPerHour, kContext)); });
    const auto revoked = service().revoke(made->key.id, kContext);
    rotation.join();
    ASSERT_TRUE(revoked);
    EXPECT_NE(service().get(made->key.id)->revoked_at.us, 0);
  }
}

TALLY_ON_BOTH_DATABASES(Keys);

}  // namespace
}  // namespace tallystick::access
