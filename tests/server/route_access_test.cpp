// Who reaches which route. The rules, in one place:
//  1. Every route declares "public" or a scope that exists. What is public stands in the list below.
//  2. Without a key 401; with every scope but its own 403; with its own it is not refused.
//  3. A tenant reaches the routes whose scope is for tenants and no other, and those touch nothing but the tenant's
//  own.
//     Such a route is added to kTenantRoutes together with a test that two tenants do not see each other there.
// A route that is added without a thought for these fails here.
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "tests/server/route_walk.h"

namespace tallystick::server {
namespace {

const std::set<std::string> kPublicRoutes = {
    "GET /",
    "GET /.well-known/gpc.json",
    "GET /api/receipts/{event_id}",
    "GET /go/{partner}/{slug}/{event}",
    "GET /healthz",
    "GET /log/checkpoint",
    "GET /log/tile/{rest...}",
    "GET /log/verifier-key",
    "GET /openapi.json",
    "GET /postback/{partner}",
    "GET /problems/{code}",
    "GET /readyz",
    "GET /robots.txt",
    "POST /api/exposure/batch",
    "POST /api/monetization/impression",
    "POST /postback/{partner}",
};

// What tenants reach.
const std::set<std::string> kTenantRoutes = {"POST /api/conversions"};

bool says_scope_is_missing(const support::RawAnswer& answer) {
  return answer.status == 403 && (answer.body.find("\"scope_missing\"") != std::string::npos ||
                                  answer.body.find("\"missing_scope\"") != std::string::npos);
}

class RouteAccess : public RouteWalk {
 protected:
  // The walk asks more often than anybody may.
  void SetUp() override {
    start({{"TALLYSTICK_ACCESS_REQUESTS_PER_MINUTE", "0"}, {"TALLYSTICK_ACCESS_PUBLIC_REQUESTS_PER_MINUTE", "0"}});
  }
};

TEST_F(RouteAccess, EveryRouteDeclaresAScopeThatExistsAndWhatIsPublicIsListed) {
  std::set<std::string> found;
  for (const auto& route : routes()) {
    if (is_public(*route)) {
      EXPECT_TRUE(kPublicRoutes.contains(name_of(*route)))
          << name_of(*route) << " is public, and nobody said it may be";
      found.insert(name_of(*route));
    } else {
      EXPECT_TRUE(access::is_scope(route->scope)) << name_of(*route) << " declares " << route->scope;
      EXPECT_NE(route->scope, "admin") << name_of(*route) << " needs a scope of its own";
    }
    EXPECT_FALSE(route->summary.empty()) << name_of(*route);
  }
  EXPECT_EQ(found, kPublicRoutes) << "a route of the list is gone";
}

TEST_F(RouteAccess, NoRouteAnswersWithoutAKeyOrWithEveryScopeButItsOwn) {
  std::map<std::string, std::string> only;
  std::map<std::string, std::string> all_but;
  std::string last;
  for (const auto& route : routes()) {
    const std::string& scope = route->scope;
    if (is_public(*route) || only.contains(scope)) {
      continue;
    }
    std::vector<std::string> others;
    for (const access::Scope& other : access::all_scopes()) {
      if (other.name != scope && other.name != "admin") {
        others.emplace_back(other.name);
      }
    }
    all_but[scope] = make_key("all but " + scope, others);
    last = only[scope] = make_key("only " + scope, {scope});
  }
  ASSERT_TRUE(is_known(last));
  for (const auto& route : routes()) {
    if (is_public(*route)) {
      continue;
    }
    EXPECT_EQ(ask(*route, "").status, 401) << name_of(*route);
    EXPECT_TRUE(says_scope_is_missing(ask(*route, all_but[route->scope]))) << name_of(*route);
    const support::RawAnswer own = ask(*route, only[route->scope]);
    EXPECT_FALSE(own.status == 401 || says_scope_is_missing(own)) << name_of(*route) << ": " << own.body;
    EXPECT_NE(own.status, 500) << name_of(*route) << ": " << own.body;
  }
}

TEST_F(RouteAccess, TenantsReachTheirOwnRoutesAndNoOthers) {
  const std::string shop = make_tenant_key("acme");
  ASSERT_TRUE(is_known(shop));
  std::set<std::string> reached;
  for (const auto& route : routes()) {
    if (is_public(*route)) {
      continue;
    }
    const support::RawAnswer answer = ask(*route, shop);
    if (!says_scope_is_missing(answer)) {
      reached.insert(name_of(*route));
    }
    EXPECT_EQ(access::is_scope_for_tenants(route->scope), !says_scope_is_missing(answer)) << name_of(*route);
  }
  EXPECT_EQ(reached, kTenantRoutes);
}

TEST_F(RouteAccess, TenantsReadNothingOfEachOther) {
  const std::string acme = make_tenant_key("acme");
  const std::string rival = make_tenant_key("rival");
  create("/api/merchants", {{"slug", "acme"}, {"name", "Acme"}});
  ASSERT_TRUE(is_known(rival));
  const std::string order =
      R"({"order_id":"acme-order-77","type":"sale","status":"approved","amount":"10.00",)"
      R"("currency":"EUR","occurred_at":"2026-01-31T12:00:00Z","click_id":"0190163d-8694-739b-aea5-966c26f8ad91"})";
  const support::RawAnswer reported = ask("POST", "/api/conversions", acme, order);
  ASSERT_THAT(reported.body, testing::HasSubstr("\"accepted\":1"));
  const auto principals = boost::json::parse(ask("GET", "/api/principals?tenant=acme", admin()).body);
  const std::string acme_id = text(principals.at("items").at(0), "id");
  const std::string event_id = text(boost::json::parse(reported.body).at("results").at(0), "event_id");
  for (const std::string& value : {std::string("acme"), event_id, acme_id}) {
    for (const auto& route : routes()) {
      if (route->method != http::Method::kGet || is_public(*route)) {
        continue;
      }
      const support::RawAnswer answer = ask(*route, rival, value);
      EXPECT_TRUE(says_scope_is_missing(answer)) << name_of(*route) << ": " << answer.body;
      EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("acme-order-77"))) << name_of(*route);
    }
  }
  // The same order of another tenant is another conversion: neither learns that the other has it.
  const support::RawAnswer same = ask("POST", "/api/conversions", rival, order);
  EXPECT_THAT(same.body, testing::HasSubstr("\"accepted\":1"));
}

TEST_F(RouteAccess, ADisabledPrincipalReachesNothing) {
  const auto principal = create("/api/principals", {{"name", "Ada"}, {"role", "admin"}});
  const std::string secret = text(create("/api/keys", {{"name", "x"}, {"principal_id", principal.at("id")}}), "key");
  ASSERT_TRUE(is_known(secret));
  const std::string path = "/api/principals/" + text(principal, "id") + "/disable";
  ASSERT_EQ(ask("POST", path, admin()).status, 200);
  ASSERT_TRUE(soon([&] { return ask("POST", "/api/conversions", secret, "{}").status == 401; }));
  ASSERT_TRUE(soon([&] { return ask("GET", "/api/keys", secret).status == 401; }));
  int asked = 0;
  for (const auto& route : routes()) {
    // Half of the wrong keys that one address may send in a minute.
    if (!is_public(*route) && asked < 15) {
      EXPECT_EQ(ask(*route, secret).status, 401) << name_of(*route);
      ++asked;
    }
  }
  EXPECT_EQ(asked, 15);
}

}  // namespace
}  // namespace tallystick::server
