#pragma once
// Exact money: an integer count of a currency's minor unit (ISO 4217). Nothing here uses floating point;
// every operation either gives the exact (or stated-rounding) result or an error. Amounts of different
// currencies never mix. Plain values; thread-safe.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::base {

// Made by parse_currency() only, so that code and exponent always agree.
struct Currency {
  std::array<char, 3> code{};
  std::uint8_t exponent = 0;  // decimals of the minor unit: JPY 0, EUR 2, KWD 3

  friend constexpr auto operator<=>(const Currency&, const Currency&) = default;
  [[nodiscard]] std::string_view text() const { return {code.data(), code.size()}; }
};

// Three upper-case letters of an active ISO 4217 currency (no metals, no test codes).
// Error code: "unknown_currency".
[[nodiscard]] Result<Currency> parse_currency(std::string_view code);
// Every currency that parse_currency() knows, in the order of their codes.
[[nodiscard]] std::span<const Currency> all_currencies();

struct Money {
  std::int64_t amount_minor = 0;
  Currency currency;

  friend constexpr bool operator==(const Money&, const Money&) = default;
};

// "12.34", "-0.5", "+7": an optional sign, digits, optionally a point and digits; no spaces, no separators.
// Decimals beyond the currency's must be zeros. Error codes: "bad_amount", "too_many_decimals",
// "amount_overflow".
[[nodiscard]] Result<Money> parse_money(std::string_view decimal, const Currency& currency);

// All decimals of the currency: "12.30", "-0.05", "500" (JPY).
[[nodiscard]] std::string format_amount(const Money& money);
// "12.30 EUR".
[[nodiscard]] std::string format_money(const Money& money);

// Error codes: "currency_mismatch", "amount_overflow".
[[nodiscard]] Result<Money> add(const Money& left, const Money& right);
[[nodiscard]] Result<Money> subtract(const Money& left, const Money& right);
// Error code: "amount_overflow".
[[nodiscard]] Result<Money> multiply(const Money& money, std::int64_t factor);
// money x numerator / denominator, a tie going to the even minor unit (half-even). Error codes: "bad_ratio"
// (denominator zero), "amount_overflow".
[[nodiscard]] Result<Money> multiply_ratio(const Money& money, std::int64_t numerator, std::int64_t denominator);

inline constexpr std::size_t kMaxMoneyParts = 1'000'000;

// Parts that add up to `money` exactly and differ by at most one minor unit; the larger ones come first.
// Error code: "bad_split" (no parts, or more than kMaxMoneyParts).
[[nodiscard]] Result<std::vector<Money>> split(const Money& money, std::size_t parts);
// Parts in proportion to `weights` (not negative, not all zero) that add up to `money` exactly, by largest
// remainder; the earlier of equal remainders gets the unit, a weight of zero gets nothing. Error code: "bad_split".
[[nodiscard]] Result<std::vector<Money>> split_by_weights(const Money& money, std::span<const std::int64_t> weights);

}  // namespace tallystick::base
