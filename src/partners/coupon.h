#pragma once
// A partner's coupon as a plain value, the rules that it must meet, and which coupons are about to expire (30-partners,
// "Records"). Pure; thread-safe.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/money.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::partners {

enum class DiscountKind : std::uint8_t { kPercent, kAmount, kFreeShipping };
[[nodiscard]] std::string_view name_of(DiscountKind kind);
// Error code: "unknown_discount_kind".
[[nodiscard]] base::Result<DiscountKind> parse_discount_kind(std::string_view text);

inline constexpr std::size_t kMaxCouponCodeBytes = 100;
inline constexpr std::size_t kMaxVerticalBytes = 64;
inline constexpr std::size_t kMaxLocaleBytes = 35;  // RFC 5646, section 4.4.1
inline constexpr std::int64_t kWholeBasisPoints = 10'000;
inline constexpr std::int64_t kMaxDiscountMinor = 1'000'000'000'000;

struct Coupon {
  base::Uuid id;
  base::Uuid partner_id;
  std::string code;  // as shoppers type it; unique within the partner; never changes
  DiscountKind discount_kind = DiscountKind::kPercent;
  std::int64_t discount_value = 0;  // basis points, or minor units of the currency
  base::Currency currency;          // the partner's when it was made
  base::Timestamp expires_at;       // from then on it is void; zero: never
  std::string vertical;             // "travel"; empty: any
  std::string locale;               // "de-AT"; empty: any
  bool is_stackable = false;        // goes together with others
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::int64_t version = 1;

  friend bool operator==(const Coupon&, const Coupon&) = default;
};

// Only the members that are set change.
struct CouponChange {
  std::optional<DiscountKind> discount_kind = {};
  std::optional<std::string> discount_value = {};  // "12.5": percent, or an amount
  std::optional<base::Timestamp> expires_at = {};  // zero: never
  std::optional<std::string> vertical = {};
  std::optional<std::string> locale = {};
  std::optional<bool> is_stackable = {};
};

// kUnprocessable "validation_failed" when the value is no percentage or amount.
[[nodiscard]] base::Result<void> apply(const CouponChange& change, Coupon& coupon);
// kUnprocessable "validation_failed" with one field error per offending member.
[[nodiscard]] base::Result<void> validate(const Coupon& coupon);

// "12.5" of a percentage, "10.00" of an amount, "0" of free shipping.
[[nodiscard]] std::string discount_text(const Coupon& coupon);
// "12.5 %", "10.00 EUR", "free shipping".
[[nodiscard]] std::string describe_discount(const Coupon& coupon);

struct ExpiryRules {
  std::int64_t days = 7;                         // this long before the end a coupon is about to expire
  std::int64_t high_value_basis_points = 2'000;  // a percentage of this and above is a high value
  std::int64_t high_value_units = 50;            // likewise an amount, in whole units of its currency
};

[[nodiscard]] bool is_high_value(const Coupon& coupon, const ExpiryRules& rules);

struct ExpiringCoupon {
  Coupon coupon;
  std::int64_t hours_left = 0;  // whole ones
  bool is_high_value = false;
};

// Those that still hold and end within the days of the rules, the end itself included; the next to end first.
[[nodiscard]] std::vector<ExpiringCoupon> find_expiring(std::span<const Coupon> coupons,
                                                        base::Timestamp now,
                                                        const ExpiryRules& rules);

}  // namespace tallystick::partners
