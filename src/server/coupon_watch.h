#pragma once
// Tells in time that coupons are about to expire: a job every morning, and an alert for each of high value
// (30-partners, "Records"). Thread-safe.

#include "alerts/service.h"
#include "base/config.h"
#include "base/error.h"
#include "jobs/runner.h"
#include "partners/coupon_service.h"

namespace tallystick::server {

// What the configuration says of coupons.
[[nodiscard]] partners::ExpiryRules expiry_rules(const base::Config& config);

// The schedule "coupon-expiry". All must outlive the runner's workers.
[[nodiscard]] base::Result<void> add_coupon_watch(jobs::Runner& runner,
                                                  partners::CouponService& coupons,
                                                  alerts::AlertService& alerts,
                                                  const base::Config& config);

}  // namespace tallystick::server
