#include <memory>
#include <string>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/audit.h"
#include "partners/routes.h"
#include "tests/support/database_test.h"

namespace tallystick::partners {
namespace {

namespace json = boost::json;
using http::Method;

class CouponRoutesTest : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    partners_ = std::make_unique<PartnerService>(database(), audit_, clock_, random_);
    service_ = std::make_unique<CouponService>(database(), audit_, clock_, random_);
    const auto keep = [](http::Handler handler) {
      return handler;
    };
    add_partner_routes(router_, *partners_, keep);
    add_coupon_routes(router_, *service_, keep);
    ASSERT_EQ(call(Method::kPost, "/api/partners", R"({"slug":"acme","name":"Acme","currency":"EUR"})").status, 201);
  }

  http::Response call(Method method, const std::string& target, std::string body = {}, std::string if_match = {}) {
    clock_.advance_us(base::kMicrosPerMilli);
    http::Request request;
    request.path = target.substr(0, target.find('?'));
    request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
    request.body = std::move(body);
    if (!if_match.empty()) {
      request.headers.emplace_back("If-Match", if_match);
    }
    http::Match match;
    router_.match(method, request.path, match);
    if (match.route == nullptr) {
      throw std::runtime_error("no route for " + target);
    }
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, parameter.value);
    }
    return match.route->handler(request);
  }
  http::Response create(const std::string& body) { return call(Method::kPost, kCoupons, body); }
  static std::string code_of(const http::Response& response) {
    return std::to_string(response.status) + " " + std::string(json::parse(response.body).at("code").as_string());
  }

  static constexpr const char* kCoupons = "/api/partners/acme/coupons";
  base::ManualClock clock_{base::parse_rfc3339("2026-01-31T12:00:00Z").value()};
  base::SeededRandom random_{7};
  access::AuditLog audit_{clock_, random_};
  std::unique_ptr<PartnerService> partners_;
  std::unique_ptr<CouponService> service_;
  http::Router router_;
};

TEST_P(CouponRoutesTest, ACouponReadsBackAsItWasCreated) {
  const auto created = create(R"({"code":"SPRING20","discount_kind":"percent","discount_value":"20",
    "expires_at":"2026-06-01T00:00:00+02:00","vertical":"travel","locale":"de-AT","is_stackable":true})");
  ASSERT_EQ(created.status, 201) << created.body;
  const json::value coupon = json::parse(call(Method::kGet, std::string(kCoupons) + "/SPRING20").body);
  EXPECT_EQ(coupon, json::parse(created.body));
  EXPECT_EQ(coupon.at("discount_value").as_string(), "20");
  EXPECT_TRUE(coupon.at("currency").is_null());
  EXPECT_EQ(coupon.at("expires_at").as_string(), "2026-05-31T22:00:00Z");
  EXPECT_EQ(coupon.at("vertical").as_string(), "travel");
  EXPECT_EQ(coupon.at("locale").as_string(), "de-AT");
  EXPECT_TRUE(coupon.at("is_stackable").as_bool());
  EXPECT_EQ(coupon.at("version").as_int64(), 1);
  const std::string id(coupon.at("id").as_string());
  EXPECT_EQ(call(Method::kGet, std::string(kCoupons) + "/" + id).status, 200);
}

TEST_P(CouponRoutesTest, ChangesCountVersionsAndAreRecorded) {
  ASSERT_EQ(create(R"({"code":"TEN","discount_kind":"amount","discount_value":"10.00"})").status, 201);
  const std::string path = std::string(kCoupons) + "/TEN";
  const auto changed = call(Method::kPatch, path, R"({"discount_value":"12.50","expires_at":null})", "\"1\"");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(json::parse(changed.body).at("discount_value").as_string(), "12.50");
  EXPECT_EQ(json::parse(changed.body).at("currency").as_string(), "EUR");
  EXPECT_EQ(call(Method::kPatch, path, R"({"locale":"de"})", "\"1\"").status, 412);
  const auto same = call(Method::kPatch, path, R"({"discount_value":"12.5"})");
  EXPECT_EQ(json::parse(same.body).at("version").as_int64(), 2) << "a change that changes nothing is none";
  EXPECT_EQ(call(Method::kDelete, path).status, 204);
  EXPECT_EQ(code_of(call(Method::kGet, path)), "404 coupon_not_found");
  std::vector<std::string> actions;
  const auto trail = access::AuditLog::list(database(), {}, "", 10);
  for (const auto& entry : *trail) {
    actions.push_back(entry.change.action);
  }
  EXPECT_THAT(actions, testing::ElementsAre("coupon.delete", "coupon.change", "coupon.create", "partner.create"));
}

TEST_P(CouponRoutesTest, BadRequestsAreRefused) {
  EXPECT_EQ(code_of(create("{}")), "422 validation_failed");
  EXPECT_EQ(code_of(create(R"({"code":"A","discount_value":"0"})")), "422 validation_failed");
  EXPECT_EQ(code_of(create(R"({"code":"A","discount_value":"5","colour":"red"})")), "422 validation_failed");
  EXPECT_EQ(code_of(create(R"({"code":"A","discount_value":"5","expires_at":"soon"})")), "422 validation_failed");
  ASSERT_EQ(create(R"({"code":"A","discount_value":"5"})").status, 201);
  EXPECT_EQ(code_of(create(R"({"code":"A","discount_value":"5"})")), "409 already_exists");
  EXPECT_EQ(code_of(call(Method::kGet, "/api/partners/nobody/coupons")), "404 partner_not_found");
  EXPECT_EQ(code_of(call(Method::kGet, std::string(kCoupons) + "?expires_within_days=soon")), "400 bad_parameter");
  EXPECT_EQ(code_of(call(Method::kDelete, "/api/partners/acme")), "409 partner_in_use");
}

TEST_P(CouponRoutesTest, ListsPageByPageAndByExpiry) {
  ASSERT_EQ(create(R"({"code":"A","discount_value":"5"})").status, 201);
  ASSERT_EQ(create(R"({"code":"B","discount_value":"25","expires_at":"2026-02-03T00:00:00Z"})").status, 201);
  ASSERT_EQ(create(R"({"code":"C","discount_value":"5","expires_at":"2026-03-03T00:00:00Z"})").status, 201);
  const json::value first = json::parse(call(Method::kGet, std::string(kCoupons) + "?limit=2").body);
  EXPECT_EQ(first.at("items").as_array().size(), 2U);
  const std::string cursor(first.at("next_cursor").as_string());
  const json::value second = json::parse(call(Method::kGet, std::string(kCoupons) + "?cursor=" + cursor).body);
  ASSERT_EQ(second.at("items").as_array().size(), 1U);
  EXPECT_EQ(second.at("items").at(0).at("code").as_string(), "C");
  const json::value soon = json::parse(call(Method::kGet, std::string(kCoupons) + "?expires_within_days=7").body);
  ASSERT_EQ(soon.at("items").as_array().size(), 1U);
  EXPECT_EQ(soon.at("items").at(0).at("code").as_string(), "B");
  const auto expiring = service_->list_expiring({.days = 60});
  ASSERT_EQ(expiring->size(), 2U);
  EXPECT_TRUE(expiring->at(0).is_high_value);
  EXPECT_FALSE(expiring->at(1).is_high_value);
}

TALLY_ON_BOTH_DATABASES(CouponRoutesTest);

}  // namespace
}  // namespace tallystick::partners
