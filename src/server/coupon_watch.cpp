#include "server/coupon_watch.h"

#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "partners/json.h"

namespace tallystick::server {
namespace {

namespace json = boost::json;

constexpr const char* kCouponExpiry = "coupon-expiry";
constexpr std::int64_t kBasisPointsPerPercent = 100;

base::Result<std::string> watch_coupons(partners::CouponService& coupons,
                                        alerts::AlertService& alerts,
                                        const partners::ExpiryRules& rules) {
  TALLY_ASSIGN(const auto expiring, coupons.list_expiring(rules));
  std::int64_t raised = 0;
  for (const partners::ExpiringCoupon& each : expiring) {
    if (!each.is_high_value) {
      continue;
    }
    const partners::Coupon& coupon = each.coupon;
    TALLY_ASSIGN([[maybe_unused]] const alerts::Alert alert,
                 alerts.raise({.dedupe_key = "coupon.expiring:" + base::format_uuid(coupon.id),
                               .severity = alerts::Severity::kWarning,
                               .subject = "partner:" + base::format_uuid(coupon.partner_id),
                               .summary = fmt::format("coupon {} ({}) ends at {}; have it renewed, or take it off the "
                                                      "pages and links that show it",
                                                      coupon.code,
                                                      partners::describe_discount(coupon),
                                                      base::format_rfc3339(coupon.expires_at)),
                               .evidence = json::serialize(partners::to_json(coupon))}));
    ++raised;
  }
  return json::serialize(json::object{{"expiring", std::ssize(expiring)}, {"alerts", raised}});
}

}  // namespace

partners::ExpiryRules expiry_rules(const base::Config& config) {
  return {.days = config.integer("coupons.expiry_days"),
          .high_value_basis_points = config.integer("coupons.high_value_percent") * kBasisPointsPerPercent,
          .high_value_units = config.integer("coupons.high_value_amount")};
}

base::Result<void> add_coupon_watch(jobs::Runner& runner,
                                    partners::CouponService& coupons,
                                    alerts::AlertService& alerts,
                                    const base::Config& config) {
  runner.add_handler(kCouponExpiry, [&coupons, &alerts, rules = expiry_rules(config)](jobs::JobContext&) {
    return watch_coupons(coupons, alerts, rules);
  });
  return runner.add_schedule({.name = kCouponExpiry,
                              .cron = "0 7 * * *",
                              .time_zone = config.text("reports.time_zone"),
                              .draft = {.kind = kCouponExpiry}});
}

}  // namespace tallystick::server
