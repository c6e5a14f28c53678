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
    add_key_routes(router_, *keys_);
    add_audit_routes(router_, database());
  }
  http::Response call(http::Method method,
                      const std::string& path,
                      const std::string& body = "",
                      const std::string& query = "") {
    http::Match match;
    router_.match(method, path, match);
    if (match.route == nullptr) {
      throw std::runtime_error("no route for " + path);
    }
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.principal.id = "tester";
    request.principal.scopes = scopes_;
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, parameter.value);
    }
    clock_.advance_us(1000);
    return match.route->handler(request);
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

TALLY_ON_BOTH_DATABASES(AccessRoutes);

}  // namespace
}  // namespace tallystick::access
