#include "access/routes.h"

#include <algorithm>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/database_test.h"

namespace tallystick::access {
namespace {

namespace json = boost::json;

class AccessRoutes : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    keys_ = std::make_unique<KeyService>(database(), audit_, clock_, random_);
    principals_ = std::make_unique<PrincipalService>(database(), audit_, clock_, random_);
    add_principal_routes(router_, {*principals_, *keys_, database(), clock_});
    add_key_routes(router_, {*principals_, *keys_, database(), clock_});
    add_audit_routes(router_, database());
  }
  http::Response call(http::Method method,
                      const std::string& path,
                      const std::string& body = "",
                      const std::string& query = "",
                      const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    http::Match match;
    router_.match(method, path, match);
    if (match.route == nullptr) {
      throw std::runtime_error("no route for " + path);
    }
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.target = query.empty() ? path : path + "?" + query;
    request.body = body;
    request.headers = headers;
    request.principal.id = "tester";
    request.principal.scopes = scopes_;
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, parameter.value);
    }
    clock_.advance_us(1000);
    return match.route->handler(request);
  }
  std::string create_principal(const std::string& body) {
    const auto response = call(http::Method::kPost, "/api/principals", body);
    EXPECT_EQ(response.status, 201) << response.body;
    return std::string(json::parse(response.body).at("id").as_string());
  }
  json::value create(const std::string& body = R"({"name":"shop","scopes":["links:sign"]})") {
    const auto response = call(http::Method::kPost, "/api/keys", body);
    EXPECT_EQ(response.status, 201) << response.body;
    return json::parse(response.body);
  }

  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  base::SeededRandom random_{1};
  AuditLog audit_{clock_, random_};
  std::unique_ptr<KeyService> keys_;
  std::unique_ptr<PrincipalService> principals_;
  http::Router router_;
  std::vector<std::string> scopes_ = {"admin"};
};

TEST_P(AccessRoutes, KeyIsShownOnceAndNeverListed) {
  const json::value made = create();
  const std::string secret(made.at("key").as_string());
  EXPECT_TRUE(secret.starts_with("tsk_"));
  const auto listed = call(http::Method::kGet, "/api/keys");
  EXPECT_EQ(listed.status, 200);
  EXPECT_THAT(listed.body, testing::HasSubstr("\"shop\""));
  EXPECT_THAT(listed.body, testing::Not(testing::HasSubstr(secret)));
}

TEST_P(AccessRoutes, UnknownMembersAndScopesAreNamed) {
  const auto response = call(http::Method::kPost, "/api/keys", R"({"name":"x","scopes":["admin"],"colour":"red"})");
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(response.body, testing::HasSubstr("/colour"));
  EXPECT_EQ(call(http::Method::kPost, "/api/keys", "not json").status, 400);
}

TEST_P(AccessRoutes, RotatesAndRevokes) {
  const std::string id(create().at("id").as_string());
  const auto rotated = call(http::Method::kPost, "/api/keys/" + id + "/rotate", R"({"overlap_seconds":60})");
  EXPECT_EQ(rotated.status, 201) << rotated.body;
  EXPECT_EQ(call(http::Method::kPost, "/api/keys/" + id + "/rotate", R"({"overlap_seconds":99999999999999})").status,
            422);
  const auto revoked = call(http::Method::kDelete, "/api/keys/" + id);
  EXPECT_EQ(revoked.status, 200);
  EXPECT_FALSE(json::parse(revoked.body).at("revoked_at").is_null());
  EXPECT_EQ(call(http::Method::kDelete, "/api/keys/" + base::format_uuid(base::Uuid{})).status, 404);
  EXPECT_EQ(call(http::Method::kDelete, "/api/keys/nonsense").status, 400);
}

TEST_P(AccessRoutes, NobodyHandsOnMoreThanTheyHave) {
  const std::string admin_id(create(R"({"name":"boss","scopes":["admin"]})").at("id").as_string());
  const std::string signer_id(create().at("id").as_string());
  scopes_ = {"keys:write", "links:sign"};
  const auto made = call(http::Method::kPost, "/api/keys", R"({"name":"x","scopes":["links:sign","admin"]})");
  EXPECT_EQ(made.status, 403);
  EXPECT_THAT(made.body, testing::HasSubstr("scope_not_held"));
  EXPECT_EQ(call(http::Method::kPost, "/api/keys/" + admin_id + "/rotate").status, 403);
  EXPECT_EQ(call(http::Method::kDelete, "/api/keys/" + admin_id).status, 403);
  EXPECT_EQ(call(http::Method::kPost, "/api/keys", R"({"name":"x","scopes":["links:sign"]})").status, 201);
  EXPECT_EQ(call(http::Method::kPost, "/api/keys/" + signer_id + "/rotate").status, 201);
}

TEST_P(AccessRoutes, KeyOfAPrincipalHasItsRolesScopesAndNeverMore) {
  const std::string analyst = create_principal(R"({"name":"Ada","kind":"person","role":"analyst"})");
  const json::value all = create(R"({"name":"laptop","principal_id":")" + analyst + "\"}");
  EXPECT_EQ(all.at("principal_id").as_string(), analyst);
  EXPECT_EQ(all.at("scopes").as_array().size(), scopes_of(Role::kAnalyst).size());
  const json::value few = create(R"({"name":"script","principal_id":")" + analyst + R"(","scopes":["insights:read"]})");
  EXPECT_EQ(few.at("scopes").as_array().size(), 1U);
  const auto more = call(http::Method::kPost,
                         "/api/keys",
                         R"({"name":"x","principal_id":")" + analyst + R"(","scopes":["insights:read","keys:write"]})");
  EXPECT_EQ(more.status, 422);
  EXPECT_THAT(more.body, testing::AllOf(testing::HasSubstr("/scopes/1"), testing::HasSubstr("not_in_role")));
  const auto listed = call(http::Method::kGet, "/api/keys", "", "principal_id=" + analyst + "&limit=1");
  EXPECT_EQ(json::parse(listed.body).at("items").as_array().size(), 1U);
  EXPECT_FALSE(json::parse(listed.body).at("next_cursor").is_null());
}

TEST_P(AccessRoutes, TenantOfAPrincipalIsItsKeysTenant) {
  const std::string shop = create_principal(R"({"name":"Shop","role":"merchant","tenant":"acme"})");
  const json::value key = create(R"({"name":"backend","principal_id":")" + shop + "\"}");
  EXPECT_EQ(key.at("tenant").as_string(), "acme");
  const auto other = call(http::Method::kPost,
                          "/api/keys",
                          R"({"name":"x","principal_id":")" + shop + R"(","tenant":"rival","scopes":[]})");
  EXPECT_EQ(other.status, 422);
  EXPECT_THAT(other.body, testing::HasSubstr("/tenant"));
}

TEST_P(AccessRoutes, PrincipalsAreListedChangedAndDisabled) {
  const std::string id = create_principal(R"({"name":"Ada","kind":"person","role":"analyst"})");
  create_principal(R"({"name":"Bob","role":"support"})");
  const std::string path = "/api/principals/" + id;
  const auto changed = call(http::Method::kPatch, path, R"({"role":"finance"})", "", {{"If-Match", "\"1\""}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json::parse(changed.body).at("role").as_string(), "finance");
  EXPECT_EQ(call(http::Method::kPatch, path, R"({"name":"A"})", "", {{"If-Match", "\"1\""}}).status, 412);
  const auto disabled = call(http::Method::kPost, path + "/disable");
  EXPECT_EQ(json::parse(disabled.body).at("status").as_string(), "disabled");
  EXPECT_EQ(call(http::Method::kPost, "/api/keys", R"({"name":"x","principal_id":")" + id + "\"}").status, 409);
  const auto listed = json::parse(call(http::Method::kGet, "/api/principals", "", "status=disabled").body);
  ASSERT_EQ(listed.at("items").as_array().size(), 1U);
  EXPECT_EQ(listed.at("items").at(0).at("id").as_string(), id);
  EXPECT_EQ(json::parse(call(http::Method::kPost, path + "/enable").body).at("status").as_string(), "active");
  EXPECT_EQ(call(http::Method::kGet, path).status, 200);
  EXPECT_EQ(call(http::Method::kGet, "/api/principals/" + base::format_uuid(base::Uuid{})).status, 404);
  EXPECT_EQ(call(http::Method::kGet, "/api/principals", "", "role=king").status, 422);
  EXPECT_EQ(call(http::Method::kGet, "/api/principals", "", "status=odd").status, 400);
}

TEST_P(AccessRoutes, NobodyMakesOrChangesAPrincipalBeyondThemselves) {
  const std::string admin = create_principal(R"({"name":"Root","role":"admin"})");
  const std::string support = create_principal(R"({"name":"Sam","role":"support"})");
  scopes_ = scopes_of(Role::kSupport);
  scopes_.emplace_back("principals:write");
  EXPECT_EQ(call(http::Method::kPost, "/api/principals", R"({"name":"x","role":"admin"})").status, 403);
  EXPECT_EQ(call(http::Method::kPost, "/api/principals", R"({"name":"x","role":"finance"})").status, 403);
  EXPECT_EQ(call(http::Method::kPatch, "/api/principals/" + support, R"({"role":"admin"})").status, 403);
  EXPECT_EQ(call(http::Method::kPatch, "/api/principals/" + admin, R"({"role":"support"})").status, 403);
  EXPECT_EQ(call(http::Method::kPost, "/api/principals/" + admin + "/disable").status, 403);
  EXPECT_EQ(call(http::Method::kPost, "/api/principals", R"({"name":"x","role":"support"})").status, 201);
  EXPECT_EQ(call(http::Method::kPost, "/api/principals/" + support + "/disable").status, 200);
}

TEST_P(AccessRoutes, RepeatedKeyIsMadeOnceAndItsSecretIsKeptNowhere) {
  const std::vector<std::pair<std::string, std::string>> once = {{"Idempotency-Key", "\"k1\""}};
  const std::string body = R"({"name":"shop","scopes":["links:sign"]})";
  const auto first = call(http::Method::kPost, "/api/keys", body, "", once);
  const auto again = call(http::Method::kPost, "/api/keys", body, "", once);
  ASSERT_EQ(first.status, 201);
  ASSERT_EQ(again.status, 201);
  const json::value made = json::parse(first.body);
  EXPECT_TRUE(made.at("key").is_string());
  EXPECT_EQ(json::parse(again.body).at("id"), made.at("id"));
  EXPECT_TRUE(json::parse(again.body).at("key").is_null());
  EXPECT_EQ(keys_->list()->size(), 1U);
  const auto kept = database().read<std::string>([](soci::session& session) -> base::Result<std::string> {
    std::string text;
    session << "SELECT body FROM idempotency_keys", soci::into(text);
    return text;
  });
  EXPECT_THAT(*kept, testing::Not(testing::HasSubstr(std::string(made.at("key").as_string()))));
  EXPECT_EQ(call(http::Method::kPost, "/api/keys", R"({"name":"b","scopes":["links:sign"]})", "", once).status, 422);
}

TEST_P(AccessRoutes, AuditListsPagesAndExports) {
  create();
  create();
  const auto first = call(http::Method::kGet, "/api/audit", "", "limit=1");
  ASSERT_EQ(first.status, 200) << first.body;
  const json::value page = json::parse(first.body);
  ASSERT_EQ(page.at("items").as_array().size(), 1U);
  EXPECT_EQ(page.at("items").at(0).at("actor").as_string(), "key:tester");
  const std::string cursor(page.at("next_cursor").as_string());
  const auto second = json::parse(call(http::Method::kGet, "/api/audit", "", "limit=1&cursor=" + cursor).body);
  ASSERT_EQ(second.at("items").as_array().size(), 1U);
  EXPECT_NE(second.at("items").at(0).at("id"), page.at("items").at(0).at("id"));
  EXPECT_TRUE(second.at("next_cursor").is_null());
  const auto csv = call(http::Method::kGet, "/api/audit", "", "format=csv");
  EXPECT_EQ(csv.content_type, "text/csv; charset=utf-8");
  EXPECT_EQ(std::count(csv.body.begin(), csv.body.end(), '\n'), 3);
  EXPECT_EQ(call(http::Method::kGet, "/api/audit", "", "from=yesterday").status, 400);
}

TEST_P(AccessRoutes, AuditExportGoesOnToTheEndWhateverItsLength) {
  constexpr int kEntries = 2'503;  // more than two reads of the database
  const auto filled = database().write<bool>([this](soci::session& session) -> base::Result<bool> {
    for (int i = 0; i < kEntries; ++i) {
      clock_.advance_us(1000);
      TALLY_TRY(audit_.append(session, {"partner.pause", "partner:" + std::to_string(i), "", ""}, {"a b", "", ""}));
    }
    return true;
  });
  ASSERT_TRUE(filled);
  const auto whole = call(http::Method::kGet, "/api/audit", "", "format=csv&actor=a+b");
  EXPECT_EQ(std::count(whole.body.begin(), whole.body.end(), '\n'), kEntries + 1);
  std::string parts;
  std::string query = "format=csv&limit=500&actor=a+b";
  int calls = 0;
  while (!query.empty()) {
    const auto part = call(http::Method::kGet, "/api/audit", "", query);
    ASSERT_EQ(part.status, 200) << part.body;
    parts += part.body;
    query.clear();
    for (const auto& [name, value] : part.headers) {
      if (name == "Link") {
        ASSERT_THAT(value, testing::EndsWith(">; rel=\"next\""));
        query = value.substr(value.find('?') + 1, value.find('>') - value.find('?') - 1);
      }
    }
    ++calls;
  }
  EXPECT_EQ(calls, 6) << "five full parts and three rows";
  EXPECT_EQ(parts, whole.body);
}

TALLY_ON_BOTH_DATABASES(AccessRoutes);

}  // namespace
}  // namespace tallystick::access
