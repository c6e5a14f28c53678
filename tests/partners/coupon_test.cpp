#include "partners/coupon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tallystick::partners {
namespace {

constexpr base::Timestamp kNow{1'700'000'000'000'000};

Coupon make_coupon(DiscountKind kind, std::int64_t value, std::string_view currency = "EUR") {
  Coupon coupon;
  coupon.code = "SPRING20";
  coupon.discount_kind = kind;
  coupon.discount_value = value;
  coupon.currency = base::parse_currency(currency).value();
  return coupon;
}

std::string fault_of(const base::Result<void>& result) {
  return result ? "none" : result.error().fields.at(0).pointer + " " + result.error().fields.at(0).code;
}

TEST(Coupons, AValueIsReadInTheUnitOfItsKind) {
  Coupon coupon = make_coupon(DiscountKind::kPercent, 0);
  ASSERT_TRUE(apply({.discount_value = "12.5"}, coupon));
  EXPECT_EQ(coupon.discount_value, 1'250);
  EXPECT_EQ(discount_text(coupon), "12.5");
  EXPECT_EQ(describe_discount(coupon), "12.5 %");
  ASSERT_TRUE(apply({.discount_kind = DiscountKind::kAmount, .discount_value = "10"}, coupon));
  EXPECT_EQ(coupon.discount_value, 1'000);
  EXPECT_EQ(discount_text(coupon), "10.00");
  EXPECT_EQ(describe_discount(coupon), "10.00 EUR");
  Coupon yen = make_coupon(DiscountKind::kAmount, 0, "JPY");
  ASSERT_TRUE(apply({.discount_value = "500"}, yen));
  EXPECT_EQ(yen.discount_value, 500);
  EXPECT_EQ(discount_text(make_coupon(DiscountKind::kPercent, 2'000)), "20");
  EXPECT_EQ(discount_text(make_coupon(DiscountKind::kPercent, 10'000)), "100");
}

TEST(Coupons, AnotherKindForgetsTheValueOfTheFirst) {
  Coupon coupon = make_coupon(DiscountKind::kPercent, 2'000);
  ASSERT_TRUE(apply({.discount_kind = DiscountKind::kFreeShipping}, coupon));
  EXPECT_EQ(coupon.discount_value, 0);
  EXPECT_TRUE(validate(coupon));
  ASSERT_TRUE(apply({.discount_kind = DiscountKind::kAmount}, coupon));
  EXPECT_EQ(fault_of(validate(coupon)), "/discount_value out_of_range");
}

TEST(Coupons, EveryMemberIsHeldAgainstItsRule) {
  EXPECT_TRUE(validate(make_coupon(DiscountKind::kPercent, 1)));
  EXPECT_EQ(fault_of(validate(make_coupon(DiscountKind::kPercent, 0))), "/discount_value out_of_range");
  EXPECT_EQ(fault_of(validate(make_coupon(DiscountKind::kPercent, 10'001))), "/discount_value out_of_range");
  EXPECT_EQ(fault_of(validate(make_coupon(DiscountKind::kAmount, 0))), "/discount_value out_of_range");
  EXPECT_EQ(fault_of(validate(make_coupon(DiscountKind::kFreeShipping, 5))), "/discount_value out_of_range");
  Coupon coupon = make_coupon(DiscountKind::kPercent, 500);
  EXPECT_EQ(fault_of(apply({.discount_value = "a lot"}, coupon)), "/discount_value bad_amount");
  EXPECT_EQ(fault_of(apply({.discount_value = "1.234"}, coupon)), "/discount_value too_many_decimals");
  for (const char* code : {"", "-a", "a b", "ü", "0190163d-8694-739b-aea5-966c26f8ad90"}) {
    coupon.code = code;
    EXPECT_EQ(fault_of(validate(coupon)), "/code bad_coupon_code") << code;
  }
  coupon.code = "A_b-9.x";
  for (const char* locale : {"", "de", "de-AT", "zh-Hant-TW", "es-419"}) {
    coupon.locale = locale;
    EXPECT_EQ(fault_of(validate(coupon)), "none") << locale;
  }
  for (const char* locale : {"d", "1e", "de-", "-de", "de_AT", "de--AT", "abcdefghi", "en-abcdefghi"}) {
    coupon.locale = locale;
    EXPECT_EQ(fault_of(validate(coupon)), "/locale bad_locale") << locale;
  }
  coupon.locale = "";
  coupon.vertical = std::string(kMaxVerticalBytes + 1, 'a');
  EXPECT_EQ(fault_of(validate(coupon)), "/vertical bad_length");
}

TEST(Coupons, HighValueBeginsAtTheConfiguredOnes) {
  const ExpiryRules rules{.days = 7, .high_value_basis_points = 2'000, .high_value_units = 50};
  EXPECT_TRUE(is_high_value(make_coupon(DiscountKind::kPercent, 2'000), rules));
  EXPECT_FALSE(is_high_value(make_coupon(DiscountKind::kPercent, 1'999), rules));
  EXPECT_TRUE(is_high_value(make_coupon(DiscountKind::kAmount, 5'000), rules));
  EXPECT_FALSE(is_high_value(make_coupon(DiscountKind::kAmount, 4'999), rules));
  EXPECT_TRUE(is_high_value(make_coupon(DiscountKind::kAmount, 50, "JPY"), rules));
  EXPECT_FALSE(is_high_value(make_coupon(DiscountKind::kAmount, 5'000, "KWD"), rules));
  EXPECT_FALSE(is_high_value(make_coupon(DiscountKind::kFreeShipping, 0), rules));
}

TEST(Coupons, AboutToExpireIsBetweenNowAndTheLastDay) {
  std::vector<Coupon> coupons(6, make_coupon(DiscountKind::kPercent, 2'500));
  coupons[0].expires_at = {};                                  // never
  coupons[1].expires_at = kNow;                                // void already
  coupons[2].expires_at = kNow + 7 * base::kMicrosPerDay;      // the last moment
  coupons[3].expires_at = kNow + 7 * base::kMicrosPerDay + 1;  // later
  coupons[4].expires_at = kNow + 1;                            // the first moment
  coupons[5].expires_at = kNow + 3 * base::kMicrosPerHour + base::kMicrosPerMinute;
  const auto expiring = find_expiring(coupons, kNow, {.days = 7});
  ASSERT_EQ(expiring.size(), 3U);
  EXPECT_EQ(expiring[0].coupon.expires_at, coupons[4].expires_at);
  EXPECT_EQ(expiring[0].hours_left, 0);
  EXPECT_EQ(expiring[1].hours_left, 3);
  EXPECT_EQ(expiring[2].hours_left, 168);
  EXPECT_TRUE(expiring[0].is_high_value);
}

RC_GTEST_PROP(CouponProperty, APercentageReadsTheSameWhenItIsWritten, ()) {
  const Coupon coupon = make_coupon(DiscountKind::kPercent, *rc::gen::inRange<std::int64_t>(1, 10'001));
  Coupon again = make_coupon(DiscountKind::kPercent, 0);
  RC_ASSERT(apply({.discount_value = discount_text(coupon)}, again).has_value());
  RC_ASSERT(again.discount_value == coupon.discount_value);
}

}  // namespace
}  // namespace tallystick::partners
