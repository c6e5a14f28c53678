#pragma once
// The SQL of coupons. In the caller's transaction; throws soci::soci_error. One thread per session.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "base/time.h"
#include "base/uuid.h"
#include "partners/coupon.h"

namespace tallystick::partners {

struct CouponFilter {
  std::optional<base::Uuid> partner_id = {};
  // Only those that end after the one and not after the other.
  std::optional<base::Timestamp> expires_after = {};
  std::optional<base::Timestamp> expires_until = {};
};

// By id, that is in the order of creation; `after` is the id the page before ended with, or empty.
[[nodiscard]] std::vector<Coupon> load_coupons(soci::session& session,
                                               const CouponFilter& filter,
                                               std::string_view after,
                                               std::int64_t max_rows);
[[nodiscard]] std::optional<Coupon> find_coupon(soci::session& session,
                                                const base::Uuid& partner_id,
                                                std::string_view code_or_id);
void insert(soci::session& session, const Coupon& coupon);
// Stores what can change, counting the version up from `coupon.version`; false when the stored version is another.
[[nodiscard]] bool update(soci::session& session, const Coupon& coupon);
void remove_coupon(soci::session& session, const base::Uuid& id);

}  // namespace tallystick::partners
