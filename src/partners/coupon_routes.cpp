#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "access/audit.h"
#include "access/json_members.h"
#include "access/rest.h"
#include "partners/json.h"
#include "partners/routes.h"

namespace tallystick::partners {
namespace {

namespace json = boost::json;
using access::JsonMembers;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kReadCoupons = "partners:read";
constexpr const char* kWriteCoupons = "partners:write";
constexpr std::int64_t kMaxDaysAhead = 3'650;

// A text is a new time, null: never.
std::optional<base::Timestamp> take_expiry(JsonMembers& members) {
  const auto value = members.take("expires_at");
  if (!value) {
    return std::nullopt;
  }
  if (value->is_null()) {
    return base::Timestamp{};
  }
  const auto* text = value->if_string();
  const auto time = text == nullptr ? base::Result<base::Timestamp>(base::fail(
                                          base::ErrorKind::kInvalid, "wrong_type", "expected a time or null"))
                                    : base::parse_rfc3339({text->data(), text->size()});
  if (!time) {
    members.errors().add("/expires_at", time.error());
    return std::nullopt;
  }
  return *time;
}

CouponChange take_coupon_change(JsonMembers& members) {
  CouponChange change;
  change.discount_kind = members.take_parsed("discount_kind", parse_discount_kind);
  change.discount_value = members.take_text("discount_value");
  change.expires_at = take_expiry(members);
  change.vertical = members.take_text("vertical");
  change.locale = members.take_text("locale");
  change.is_stackable = members.take_boolean("is_stackable");
  return change;
}

base::Result<std::optional<std::int64_t>> parse_days(const Request& request) {
  const std::string text = request.query_parameter("expires_within_days");
  if (text.empty()) {
    return std::nullopt;
  }
  std::int64_t days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (error != std::errc{} || end != text.data() + text.size() || days < 0 || days > kMaxDaysAhead) {
    return base::fail(
        base::ErrorKind::kInvalid, "bad_parameter", "expires_within_days is a number of days from 0 to 3650");
  }
  return days;
}

base::Result<Response> list_coupons(CouponService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  TALLY_ASSIGN(const auto days, parse_days(request));
  TALLY_ASSIGN(const auto coupons, service.list(request.path_parameter("partner"), days, page.after, page.limit));
  json::array items;
  for (const Coupon& coupon : coupons.items) {
    items.push_back(to_json(coupon));
  }
  return access::page_response(std::move(items), coupons.next_after);
}

base::Result<Response> create_coupon(CouponService& service, const Request& request) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(request.body));
  members.require("code");
  const std::string code = members.take_text("code").value_or("");
  const CouponChange change = take_coupon_change(members);
  TALLY_TRY(members.finish());
  TALLY_ASSIGN(const Coupon coupon,
               service.create(request.path_parameter("partner"), code, change, access::change_context(request)));
  return access::record_response(to_json(coupon), coupon.version, request.path + "/" + coupon.code);
}

base::Result<Response> get_coupon(CouponService& service, const Request& request) {
  TALLY_ASSIGN(const Coupon coupon, service.get(request.path_parameter("partner"), request.path_parameter("coupon")));
  return access::record_response(to_json(coupon), coupon.version);
}

base::Result<Response> change_coupon(CouponService& service, const Request& request) {
  TALLY_ASSIGN(const auto version, access::parse_if_match(request));
  TALLY_ASSIGN(auto members, JsonMembers::parse(request.body));
  const CouponChange change = take_coupon_change(members);
  TALLY_TRY(members.finish());
  TALLY_ASSIGN(const Coupon coupon,
               service.change(request.path_parameter("partner"),
                              request.path_parameter("coupon"),
                              change,
                              version,
                              access::change_context(request)));
  return access::record_response(to_json(coupon), coupon.version);
}

base::Result<Response> remove_coupon_by(CouponService& service, const Request& request) {
  TALLY_TRY(service.remove(
      request.path_parameter("partner"), request.path_parameter("coupon"), access::change_context(request)));
  return Response{204, "", ""};
}

using Answer = base::Result<Response> (*)(CouponService&, const Request&);

http::Handler handle(CouponService& service, Answer make_answer) {
  return [&service, make_answer](const Request& request) {
    auto answer = make_answer(service, request);
    return answer ? *std::move(answer) : access::failure_response(answer.error(), request);
  };
}

}  // namespace

void add_coupon_routes(http::Router& router, CouponService& service, const MakeIdempotent& make_idempotent) {
  const std::string coupons = "/api/partners/{partner}/coupons";
  const std::string coupon = coupons + "/{coupon}";
  router.add({Method::kGet,
              coupons,
              kReadCoupons,
              "List the coupons of a partner; ?expires_within_days=7",
              handle(service, list_coupons)});
  router.add(
      {Method::kPost, coupons, kWriteCoupons, "Create a coupon", make_idempotent(handle(service, create_coupon))});
  router.add({Method::kGet, coupon, kReadCoupons, "Get a coupon", handle(service, get_coupon)});
  router.add({Method::kPatch, coupon, kWriteCoupons, "Change members of a coupon", handle(service, change_coupon)});
  router.add({Method::kDelete, coupon, kWriteCoupons, "Delete a coupon", handle(service, remove_coupon_by)});
}

}  // namespace tallystick::partners
