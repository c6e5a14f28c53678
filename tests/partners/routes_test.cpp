#include "partners/routes.h"

#include <memory>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "access/audit.h"
#include "base/encoding.h"
#include "tests/support/database_test.h"

namespace tallystick::partners {
namespace {

namespace json = boost::json;
using http::Method;

constexpr const char* kAcme = R"({"slug":"acme","name":"Acme","network":"cj","currency":"EUR",
  "allowed_hosts":["shop.example.com"],"postback_secret":"0123456789abcdef"})";
constexpr const char* kSpring = R"({"slug":"spring","destination":"https://shop.example.com/?a={sub}"})";

class PartnerRoutesTest : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    service_ = std::make_unique<PartnerService>(database(), audit_, clock_, random_);
    add_partner_routes(router_, *service_, [this](http::Handler handler) {
      ++wrapped_;
      return handler;
    });
  }
  void TearDown() override { service_.reset(); }

  http::Response call(Method method,
                      const std::string& target,
                      std::string body = {},
                      std::vector<std::pair<std::string, std::string>> headers = {}) {
    clock_.advance_us(1'000);
    http::Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.principal.id = "key-1";
    http::Match match;
    router_.match(method, request.path, match);
    if (match.route == nullptr) {
      ADD_FAILURE() << "no route for " << target;
      return {};
    }
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, base::percent_decode(parameter.value).value());
    }
    return match.route->handler(request);
  }

  static std::string header_of(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) {
        return value;
      }
    }
    return "";
  }
  static json::object body_of(const http::Response& response) { return json::parse(response.body).as_object(); }
  static std::string code_of(const http::Response& response) {
    return std::to_string(response.status) + " " + std::string(body_of(response).at("code").as_string());
  }
  // The pointers and codes of errors[].
  static std::string fields_of(const http::Response& response) {
    std::string fields;
    const auto body = body_of(response);
    for (const auto& field : body.at("errors").as_array()) {
      fields += std::string(field.at("pointer").as_string()) + " " + std::string(field.at("code").as_string()) + "; ";
    }
    return fields;
  }

  base::ManualClock clock_{{1'700'000'000'000'000}};
  base::SeededRandom random_{7};
  access::AuditLog audit_{clock_, random_};
  std::unique_ptr<PartnerService> service_;
  http::Router router_;
  int wrapped_ = 0;
};

TEST_P(PartnerRoutesTest, CreatingAnswersTheRecordItsPlaceAndItsTag) {
  const auto created = call(Method::kPost, "/api/partners", kAcme);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(header_of(created, "Location"), "/api/partners/acme");
  EXPECT_EQ(header_of(created, "ETag"), "\"1\"");
  const auto body = body_of(created);
  EXPECT_EQ(body.at("sub_id_parameter"), "sid");
  EXPECT_EQ(body.at("status"), "active");
  EXPECT_EQ(body.at("link_lifetime_s"), 86'400);
  EXPECT_EQ(call(Method::kGet, "/api/partners/acme").body, created.body);
  EXPECT_EQ(code_of(call(Method::kPost, "/api/partners", kAcme)), "409 already_exists");
  EXPECT_EQ(code_of(call(Method::kGet, "/api/partners/none")), "404 partner_not_found");
}

TEST_P(PartnerRoutesTest, NoAnswerShowsTheSecret) {
  const auto created = call(Method::kPost, "/api/partners", kAcme);
  EXPECT_EQ(body_of(created).at("has_postback_secret"), true);
  EXPECT_EQ(created.body.find("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(call(Method::kGet, "/api/partners").body.find("0123456789abcdef"), std::string::npos);
  const auto taken = call(Method::kPatch, "/api/partners/acme", R"({"postback_secret":""})");
  EXPECT_EQ(body_of(taken).at("has_postback_secret"), false);
}

TEST_P(PartnerRoutesTest, ABodyNamesEveryMistakeAtOnce) {
  const auto refused =
      call(Method::kPost,
           "/api/partners",
           R"({"slug":7,"network":"cjj","colour":"red","contacts":[{"name":"J"}],"allowed_hosts":"a.example",
                                "postback_sources":["203.0.113.7/24"],"link_lifetime_s":1.5})");
  EXPECT_EQ(code_of(refused), "422 validation_failed");
  EXPECT_EQ(
      fields_of(refused),
      "/name required; /currency required; /slug wrong_type; /network unknown_network; /allowed_hosts wrong_type; "
      "/link_lifetime_s wrong_type; /postback_sources/0 bad_cidr; /contacts/0 wrong_type; /colour unknown_member; ");
  EXPECT_EQ(code_of(call(Method::kPost, "/api/partners", "{")), "400 bad_json");
  EXPECT_EQ(code_of(call(Method::kPost, "/api/partners", "[]")), "400 not_an_object");
}

TEST_P(PartnerRoutesTest, PatchRefusesTheSlugAndUnknownMembers) {
  call(Method::kPost, "/api/partners", kAcme);
  const auto refused = call(Method::kPatch, "/api/partners/acme", R"({"slug":"bolt","x":1})");
  EXPECT_EQ(fields_of(refused), "/slug unknown_member; /x unknown_member; ");
}

TEST_P(PartnerRoutesTest, IfMatchGuardsAgainstLostUpdates) {
  call(Method::kPost, "/api/partners", kAcme);
  const auto changed = call(Method::kPatch, "/api/partners/acme", R"({"name":"Acme Ltd"})", {{"If-Match", "\"1\""}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(header_of(changed, "ETag"), "\"2\"");
  const auto stale = call(Method::kPatch, "/api/partners/acme", R"({"name":"Other"})", {{"If-Match", "\"1\""}});
  EXPECT_EQ(code_of(stale), "412 version_conflict");
  EXPECT_EQ(body_of(stale).at("status"), 412);
  EXPECT_EQ(code_of(call(Method::kPatch, "/api/partners/acme", "{}", {{"If-Match", "1"}})), "400 bad_if_match");
  EXPECT_EQ(call(Method::kPatch, "/api/partners/acme", R"({"name":"Any"})", {{"If-Match", "*"}}).status, 200);
}

TEST_P(PartnerRoutesTest, PauseResumeAndDelete) {
  call(Method::kPost, "/api/partners", kAcme);
  EXPECT_EQ(body_of(call(Method::kPost, "/api/partners/acme/pause")).at("status"), "paused");
  EXPECT_EQ(body_of(call(Method::kPost, "/api/partners/acme/resume")).at("status"), "active");
  call(Method::kPost, "/api/partners/acme/links", kSpring);
  EXPECT_EQ(code_of(call(Method::kDelete, "/api/partners/acme")), "409 partner_in_use");
  call(Method::kPost, "/api/partners", R"({"slug":"bolt","name":"Bolt","currency":"JPY"})");
  EXPECT_EQ(call(Method::kDelete, "/api/partners/bolt").status, 204);
}

TEST_P(PartnerRoutesTest, PausingTakesNoMembers) {
  call(Method::kPost, "/api/partners", kAcme);
  EXPECT_EQ(call(Method::kPost, "/api/partners/acme/pause", "{}").status, 200);
  EXPECT_EQ(fields_of(call(Method::kPost, "/api/partners/acme/pause", R"({"until":"tomorrow"})")),
            "/until unknown_member; ");
}

TEST_P(PartnerRoutesTest, ListsAreFilteredAndPaged) {
  for (const std::string slug : {"a", "b", "c"}) {
    call(Method::kPost, "/api/partners", R"({"name":"N","currency":"EUR","network":"awin","slug":")" + slug + "\"}");
  }
  const auto first = body_of(call(Method::kGet, "/api/partners?limit=2&network=awin"));
  EXPECT_EQ(first.at("items").as_array().size(), 2U);
  const auto cursor = std::string(first.at("next_cursor").as_string());
  const auto second = body_of(call(Method::kGet, "/api/partners?limit=2&cursor=" + cursor));
  EXPECT_EQ(second.at("items").as_array().size(), 1U);
  EXPECT_TRUE(second.at("next_cursor").is_null());
  EXPECT_TRUE(body_of(call(Method::kGet, "/api/partners?status=paused")).at("items").as_array().empty());
  EXPECT_EQ(code_of(call(Method::kGet, "/api/partners?status=gone")), "400 unknown_status");
  EXPECT_EQ(code_of(call(Method::kGet, "/api/partners?limit=501")), "400 bad_limit");
  EXPECT_EQ(code_of(call(Method::kGet, "/api/partners?cursor=abc")), "400 bad_cursor");
}

TEST_P(PartnerRoutesTest, LinksOfAPartner) {
  call(Method::kPost, "/api/partners", kAcme);
  const auto created = call(Method::kPost, "/api/partners/acme/links", kSpring);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(header_of(created, "Location"), "/api/partners/acme/links/spring");
  EXPECT_EQ(call(Method::kGet, "/api/partners/acme/links/spring").body, created.body);
  EXPECT_EQ(body_of(call(Method::kGet, "/api/partners/acme/links")).at("items").as_array().size(), 1U);
  EXPECT_EQ(body_of(call(Method::kPost, "/api/partners/acme/links/spring/pause")).at("status"), "paused");
  EXPECT_EQ(body_of(call(Method::kPost, "/api/partners/acme/links/spring/resume")).at("version"), 3);
  const auto changed =
      call(Method::kPatch, "/api/partners/acme/links/spring", R"({"coupon":"SPRING10","placement_id":null})");
  EXPECT_EQ(body_of(changed).at("coupon"), "SPRING10");
  EXPECT_EQ(fields_of(call(Method::kPatch, "/api/partners/acme/links/spring", R"({"placement_id":"home"})")),
            "/placement_id bad_uuid; ");
  EXPECT_EQ(
      fields_of(call(Method::kPatch, "/api/partners/acme/links/spring", R"({"destination":"https://evil.net/"})")),
      "/destination host_not_allowed; ");
  EXPECT_EQ(code_of(call(Method::kGet, "/api/partners/acme/links/none")), "404 link_not_found");
}

TEST_P(PartnerRoutesTest, EveryRouteDeclaresItsScopeAndCreatingOnesAreIdempotent) {
  for (const auto& route : router_.routes()) {
    EXPECT_EQ(route->scope, route->method == Method::kGet ? "partners:read" : "partners:write") << route->pattern;
    EXPECT_FALSE(route->summary.empty());
  }
  EXPECT_EQ(wrapped_, 2);
}

TEST_P(PartnerRoutesTest, WhatIsNoTextIsSimplyNotFound) {
  call(Method::kPost, "/api/partners", kAcme);
  EXPECT_EQ(code_of(call(Method::kGet, "/api/partners/%FF")), "404 partner_not_found");
  EXPECT_EQ(code_of(call(Method::kPost, "/api/partners/%FF/pause")), "404 partner_not_found");
  EXPECT_EQ(code_of(call(Method::kGet, "/api/partners/acme/links/%FF")), "404 link_not_found");
}

TEST_P(PartnerRoutesTest, AReasonThatIsNoTextHindersNothing) {
  EXPECT_EQ(call(Method::kPost, "/api/partners", kAcme, {{"X-Change-Reason", "odd \xff reason"}}).status, 201);
}

TALLY_ON_BOTH_DATABASES(PartnerRoutesTest);

}  // namespace
}  // namespace tallystick::partners
