#pragma once
// What can be done with the coupons of a partner. Every change is validated, versioned and written in one transaction
// with its audit entry. Thread-safe: blocks on the database.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "partners/coupon.h"
#include "partners/service.h"
#include "records/database.h"

namespace tallystick::partners {

class CouponService {
 public:
  // All must outlive the service.
  CouponService(records::Database& database, access::AuditLog& audit, const base::Clock& clock, base::Random& random)
      : database_(database), audit_(audit), clock_(clock), random_(random) {}

  // Error codes of all: "partner_not_found". Error codes: "validation_failed", "already_exists" (the code).
  [[nodiscard]] base::Result<Coupon> create(std::string_view partner,
                                            std::string_view code,
                                            const CouponChange& change,
                                            const access::ChangeContext& context);
  // `expires_within_days`: only those that still hold and end within so many days.
  [[nodiscard]] base::Result<Page<Coupon>> list(std::string_view partner,
                                                std::optional<std::int64_t> expires_within_days,
                                                std::string_view after,
                                                std::int64_t limit);
  // Error code: "coupon_not_found".
  [[nodiscard]] base::Result<Coupon> get(std::string_view partner, std::string_view code_or_id);
  // Error codes: "coupon_not_found", "validation_failed", "version_conflict".
  [[nodiscard]] base::Result<Coupon> change(std::string_view partner,
                                            std::string_view code_or_id,
                                            const CouponChange& change,
                                            std::optional<std::int64_t> expected_version,
                                            const access::ChangeContext& context);
  // Error code: "coupon_not_found".
  [[nodiscard]] base::Result<void> remove(std::string_view partner,
                                          std::string_view code_or_id,
                                          const access::ChangeContext& context);

  // Of all partners.
  [[nodiscard]] base::Result<std::vector<ExpiringCoupon>> list_expiring(const ExpiryRules& rules);

 private:
  records::Database& database_;
  access::AuditLog& audit_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::partners
