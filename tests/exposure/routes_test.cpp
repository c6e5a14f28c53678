#include "exposure/routes.h"

#include <memory>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "access/audit.h"
#include "base/encoding.h"
#include "tests/support/database_test.h"

namespace tallystick::exposure {
namespace {

namespace json = boost::json;
using http::Method;

class ExposureRoutesTest : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    service_ = std::make_unique<ExposureService>(database(), audit_, clock_, random_);
    add_exposure_routes(router_, *service_, [this](http::Handler handler) {
      ++wrapped_;
      return handler;
    });
  }

  http::Response call(Method method,
                      const std::string& target,
                      std::string body = {},
                      std::vector<std::pair<std::string, std::string>> headers = {}) {
    clock_.advance_us(1'000);
    http::Request request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
    request.headers = std::move(headers);
    request.body = std::move(body);
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
  std::unique_ptr<ExposureService> service_;
  http::Router router_;
  int wrapped_ = 0;
};

TEST_P(ExposureRoutesTest, PlacementsAreCreatedReadChangedAndPaused) {
  const auto created =
      call(Method::kPost,
           "/api/placements",
           R"({"slug":"home","name":"Home","max_slots":3,"countries":["DE","AT"],"vertical":"shoes"})");
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(header_of(created, "Location"), "/api/placements/home");
  EXPECT_EQ(header_of(created, "ETag"), "\"1\"");
  EXPECT_EQ(body_of(created).at("countries"), (json::array{"AT", "DE"}));
  EXPECT_EQ(body_of(created).at("requires_token"), false);
  EXPECT_EQ(call(Method::kGet, "/api/placements/home").body, created.body);
  const auto changed =
      call(Method::kPatch, "/api/placements/home", R"({"requires_token":true})", {{"If-Match", "\"1\""}});
  EXPECT_EQ(header_of(changed, "ETag"), "\"2\"");
  EXPECT_EQ(code_of(call(Method::kPatch, "/api/placements/home", R"({"name":"X"})", {{"If-Match", "\"1\""}})),
            "412 version_conflict");
  EXPECT_EQ(body_of(call(Method::kPost, "/api/placements/home/pause")).at("status"), "paused");
  EXPECT_EQ(body_of(call(Method::kGet, "/api/placements?status=paused")).at("items").as_array().size(), 1U);
  EXPECT_EQ(body_of(call(Method::kPost, "/api/placements/home/resume", "{}")).at("status"), "active");
}

TEST_P(ExposureRoutesTest, ABodyNamesEveryMistakeAtOnce) {
  EXPECT_EQ(fields_of(call(Method::kPost, "/api/placements", R"({"max_slots":"3","countries":"DE","colour":1})")),
            "/slug required; /name required; /max_slots wrong_type; /countries wrong_type; /colour unknown_member; ");
  EXPECT_EQ(fields_of(call(
                Method::kPost, "/api/placements", R"({"slug":"Home","name":"","max_slots":0,"countries":["UK"]})")),
            "/slug bad_slug; /name bad_length; /max_slots out_of_range; /countries/0 unknown_country; ");
  call(Method::kPost, "/api/placements", R"({"slug":"home","name":"Home"})");
  EXPECT_EQ(fields_of(call(Method::kPatch, "/api/placements/home", R"({"slug":"x"})")), "/slug unknown_member; ");
  EXPECT_EQ(fields_of(call(Method::kPost, "/api/placements/home/pause", R"({"x":1})")), "/x unknown_member; ");
  EXPECT_EQ(code_of(call(Method::kPost, "/api/placements", R"({"slug":"home","name":"Home"})")), "409 already_exists");
}

TEST_P(ExposureRoutesTest, MerchantsAndTheirUnits) {
  EXPECT_EQ(call(Method::kPost, "/api/merchants", R"({"slug":"brand","name":"Brand"})").status, 201);
  const auto created =
      call(Method::kPost, "/api/merchants/brand/exposure-units", R"({"name":"Banner","exposure_type":"banner"})");
  EXPECT_EQ(created.status, 201);
  const auto place = header_of(created, "Location");
  EXPECT_EQ(place, "/api/merchants/brand/exposure-units/" + std::string(body_of(created).at("id").as_string()));
  EXPECT_EQ(call(Method::kGet, place).body, created.body);
  EXPECT_EQ(body_of(call(Method::kPatch, place, R"({"exposure_type":"push"})")).at("exposure_type"), "push");
  EXPECT_EQ(fields_of(call(Method::kPatch, place, R"({"exposure_type":"tv"})")),
            "/exposure_type unknown_exposure_type; ");
  EXPECT_EQ(fields_of(call(Method::kPost, "/api/merchants/brand/exposure-units", R"({"slug":"x"})")),
            "/name required; /exposure_type required; /slug unknown_member; ");
  EXPECT_EQ(body_of(call(Method::kGet, "/api/merchants/brand/exposure-units")).at("items").as_array().size(), 1U);
  EXPECT_EQ(code_of(call(Method::kGet, "/api/merchants/brand/exposure-units/none")), "404 exposure_unit_not_found");
  EXPECT_EQ(code_of(call(Method::kGet, "/api/merchants/none/exposure-units")), "404 merchant_not_found");
  EXPECT_EQ(body_of(call(Method::kPatch, "/api/merchants/brand", R"({"name":"New"})")).at("name"), "New");
  EXPECT_EQ(body_of(call(Method::kPost, "/api/merchants/brand/pause")).at("status"), "paused");
  EXPECT_EQ(body_of(call(Method::kPost, "/api/merchants/brand/resume")).at("status"), "active");
}

TEST_P(ExposureRoutesTest, EveryRouteDeclaresItsScopeAndCreatingOnesAreIdempotent) {
  for (const auto& route : router_.routes()) {
    EXPECT_EQ(route->scope, route->method == Method::kGet ? "exposure:read" : "exposure:write") << route->pattern;
    EXPECT_FALSE(route->summary.empty());
  }
  EXPECT_EQ(wrapped_, 3);
}

TEST_P(ExposureRoutesTest, WhatIsNoTextIsSimplyNotFound) {
  EXPECT_EQ(code_of(call(Method::kGet, "/api/placements/%FF")), "404 placement_not_found");
  EXPECT_EQ(code_of(call(Method::kPost, "/api/merchants/%FF/pause")), "404 merchant_not_found");
}

TALLY_ON_BOTH_DATABASES(ExposureRoutesTest);

}  // namespace
}  // namespace tallystick::exposure
