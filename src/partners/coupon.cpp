#include "partners/coupon.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/field_errors.h"

namespace tallystick::partners {
namespace {

constexpr auto kDiscountNames =
    std::to_array<std::pair<DiscountKind, std::string_view>>({{DiscountKind::kPercent, "percent"},
                                                              {DiscountKind::kAmount, "amount"},
                                                              {DiscountKind::kFreeShipping, "free_shipping"}});

// A percentage with two decimals is an amount of something that has hundredths: its minor units are basis points.
constexpr base::Currency kPercentage{{'P', 'C', 'T'}, 2};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_coupon_code(std::string_view code) {
  return !code.empty() && code.size() <= kMaxCouponCodeBytes && is_alphanumeric(code.front()) &&
         std::ranges::all_of(code, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

// Subtags of 1 to 8 letters and digits with hyphens between them, the first of letters (RFC 5646, section 2.1).
bool is_locale(std::string_view locale) {
  constexpr std::size_t kMaxSubtagBytes = 8;
  if (locale.size() > kMaxLocaleBytes) {
    return false;
  }
  for (bool is_first = true; true; is_first = false) {
    const std::string_view subtag = locale.substr(0, locale.find('-'));
    const bool has_form =
        !subtag.empty() && subtag.size() <= kMaxSubtagBytes && std::ranges::all_of(subtag, is_alphanumeric);
    const bool is_language = subtag.size() >= 2 && std::ranges::none_of(subtag, [](char c) { return c <= '9'; });
    if (!has_form || (is_first && !is_language)) {
      return false;
    }
    if (subtag.size() == locale.size()) {
      return true;
    }
    locale.remove_prefix(subtag.size() + 1);
  }
}

base::Currency unit_of(const Coupon& coupon) {
  return coupon.discount_kind == DiscountKind::kAmount ? coupon.currency : kPercentage;
}

void check_discount(base::FieldErrors& errors, const Coupon& coupon) {
  const std::int64_t value = coupon.discount_value;
  switch (coupon.discount_kind) {
    case DiscountKind::kPercent:
      if (value < 1 || value > kWholeBasisPoints) {
        errors.add("/discount_value", "out_of_range", "more than 0 and at most 100 percent");
      }
      break;
    case DiscountKind::kAmount:
      if (value < 1 || value > kMaxDiscountMinor) {
        errors.add("/discount_value", "out_of_range", "an amount above 0");
      }
      break;
    case DiscountKind::kFreeShipping:
      if (value != 0) {
        errors.add("/discount_value", "out_of_range", "free shipping has no value; leave it out");
      }
      break;
  }
}

std::int64_t minor_per_unit(const base::Currency& currency) {
  std::int64_t factor = 1;
  for (int i = 0; i < currency.exponent; ++i) {
    factor *= 10;
  }
  return factor;
}

}  // namespace

std::string_view name_of(DiscountKind kind) {
  return std::ranges::find(kDiscountNames, kind, [](const auto& pair) { return pair.first; })->second;
}

base::Result<DiscountKind> parse_discount_kind(std::string_view text) {
  const auto found = std::ranges::find(kDiscountNames, text, [](const auto& pair) { return pair.second; });
  if (found == kDiscountNames.end()) {
    return base::fail(
        base::ErrorKind::kInvalid, "unknown_discount_kind", "a discount is percent, amount or free_shipping");
  }
  return found->first;
}

base::Result<void> apply(const CouponChange& change, Coupon& coupon) {
  const DiscountKind kind = change.discount_kind.value_or(coupon.discount_kind);
  if (kind != coupon.discount_kind) {
    coupon.discount_kind = kind;
    coupon.discount_value = 0;  // what it says in another unit means nothing
  }
  if (change.discount_value) {
    const auto value = base::parse_money(*change.discount_value, unit_of(coupon));
    if (!value) {
      base::FieldErrors errors;
      errors.add("/discount_value", value.error());
      return errors.result();
    }
    coupon.discount_value = value->amount_minor;
  }
  coupon.expires_at = change.expires_at.value_or(coupon.expires_at);
  coupon.vertical = change.vertical.value_or(coupon.vertical);
  coupon.locale = change.locale.value_or(coupon.locale);
  coupon.is_stackable = change.is_stackable.value_or(coupon.is_stackable);
  return {};
}

base::Result<void> validate(const Coupon& coupon) {
  base::FieldErrors errors;
  if (!is_coupon_code(coupon.code) || base::parse_uuid(coupon.code)) {
    errors.add("/code",
               "bad_coupon_code",
               fmt::format("1 to {} letters, digits, '-', '_' and '.', beginning with a letter or digit, no UUID",
                           kMaxCouponCodeBytes));
  }
  check_discount(errors, coupon);
  if (coupon.expires_at.us < 0) {
    errors.add("/expires_at", "out_of_range", "a time from 1970 on");
  }
  const bool has_control =
      std::ranges::any_of(coupon.vertical, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (coupon.vertical.size() > kMaxVerticalBytes || has_control) {
    errors.add("/vertical", "bad_length", fmt::format("at most {} bytes, on one line", kMaxVerticalBytes));
  }
  if (!coupon.locale.empty() && !is_locale(coupon.locale)) {
    errors.add("/locale", "bad_locale", "a language tag such as de or de-AT");
  }
  return errors.result();
}

std::string discount_text(const Coupon& coupon) {
  if (coupon.discount_kind == DiscountKind::kFreeShipping) {
    return "0";
  }
  std::string text = base::format_amount({coupon.discount_value, unit_of(coupon)});
  if (coupon.discount_kind == DiscountKind::kPercent) {
    text.erase(text.find_last_not_of('0') + 1);
    text.erase(text.ends_with('.') ? text.size() - 1 : text.size());
  }
  return text;
}

std::string describe_discount(const Coupon& coupon) {
  switch (coupon.discount_kind) {
    case DiscountKind::kPercent:
      return discount_text(coupon) + " %";
    case DiscountKind::kAmount:
      return base::format_money({coupon.discount_value, coupon.currency});
    case DiscountKind::kFreeShipping:
      return "free shipping";
  }
  return {};
}

bool is_high_value(const Coupon& coupon, const ExpiryRules& rules) {
  switch (coupon.discount_kind) {
    case DiscountKind::kPercent:
      return coupon.discount_value >= rules.high_value_basis_points;
    case DiscountKind::kAmount:
      return coupon.discount_value >= rules.high_value_units * minor_per_unit(coupon.currency);
    case DiscountKind::kFreeShipping:
      return false;
  }
  return false;
}

std::vector<ExpiringCoupon> find_expiring(std::span<const Coupon> coupons,
                                          base::Timestamp now,
                                          const ExpiryRules& rules) {
  const base::Timestamp last = now + rules.days * base::kMicrosPerDay;
  std::vector<ExpiringCoupon> expiring;
  for (const Coupon& coupon : coupons) {
    if (coupon.expires_at > now && coupon.expires_at <= last) {
      expiring.push_back({coupon, (coupon.expires_at - now) / base::kMicrosPerHour, is_high_value(coupon, rules)});
    }
  }
  std::ranges::sort(
      expiring, {}, [](const ExpiringCoupon& each) { return std::pair(each.coupon.expires_at, each.coupon.id); });
  return expiring;
}

}  // namespace tallystick::partners
