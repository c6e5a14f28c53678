#include "base/money.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace tallystick::base {
namespace {

__extension__ using Wide = __int128;  // holds any product of two 64-bit numbers
__extension__ using UnsignedWide = unsigned __int128;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

constexpr Currency make(const char (&code)[4], std::uint8_t exponent) {
  return {{code[0], code[1], code[2]}, exponent};
}

// ISO 4217 list one, without metals, funds of clearing unions and test codes. BGN stays although the euro replaced it
// in 2026: reports about the time before still name it.
constexpr std::array kCurrencies{
    // clang-format off
    make("AED", 2), make("AFN", 2), make("ALL", 2), make("AMD", 2), make("AOA", 2), make("ARS", 2),
    make("AUD", 2), make("AWG", 2), make("AZN", 2), make("BAM", 2), make("BBD", 2), make("BDT", 2),
    make("BGN", 2), make("BHD", 3), make("BIF", 0), make("BMD", 2), make("BND", 2), make("BOB", 2),
    make("BOV", 2), make("BRL", 2), make("BSD", 2), make("BTN", 2), make("BWP", 2), make("BYN", 2),
    make("BZD", 2), make("CAD", 2), make("CDF", 2), make("CHE", 2), make("CHF", 2), make("CHW", 2),
    make("CLF", 4), make("CLP", 0), make("CNY", 2), make("COP", 2), make("COU", 2), make("CRC", 2),
    make("CUP", 2), make("CVE", 2), make("CZK", 2), make("DJF", 0), make("DKK", 2), make("DOP", 2),
    make("DZD", 2), make("EGP", 2), make("ERN", 2), make("ETB", 2), make("EUR", 2), make("FJD", 2),
    make("FKP", 2), make("GBP", 2), make("GEL", 2), make("GHS", 2), make("GIP", 2), make("GMD", 2),
    make("GNF", 0), make("GTQ", 2), make("GYD", 2), make("HKD", 2), make("HNL", 2), make("HTG", 2),
    make("HUF", 2), make("IDR", 2), make("ILS", 2), make("INR", 2), make("IQD", 3), make("IRR", 2),
    make("ISK", 0), make("JMD", 2), make("JOD", 3), make("JPY", 0), make("KES", 2), make("KGS", 2),
    make("KHR", 2), make("KMF", 0), make("KPW", 2), make("KRW", 0), make("KWD", 3), make("KYD", 2),
    make("KZT", 2), make("LAK", 2), make("LBP", 2), make("LKR", 2), make("LRD", 2), make("LSL", 2),
    make("LYD", 3), make("MAD", 2), make("MDL", 2), make("MGA", 2), make("MKD", 2), make("MMK", 2),
    make("MNT", 2), make("MOP", 2), make("MRU", 2), make("MUR", 2), make("MVR", 2), make("MWK", 2),
    make("MXN", 2), make("MXV", 2), make("MYR", 2), make("MZN", 2), make("NAD", 2), make("NGN", 2),
    make("NIO", 2), make("NOK", 2), make("NPR", 2), make("NZD", 2), make("OMR", 3), make("PAB", 2),
    make("PEN", 2), make("PGK", 2), make("PHP", 2), make("PKR", 2), make("PLN", 2), make("PYG", 0),
    make("QAR", 2), make("RON", 2), make("RSD", 2), make("RUB", 2), make("RWF", 0), make("SAR", 2),
    make("SBD", 2), make("SCR", 2), make("SDG", 2), make("SEK", 2), make("SGD", 2), make("SHP", 2),
    make("SLE", 2), make("SOS", 2), make("SRD", 2), make("SSP", 2), make("STN", 2), make("SVC", 2),
    make("SYP", 2), make("SZL", 2), make("THB", 2), make("TJS", 2), make("TMT", 2), make("TND", 3),
    make("TOP", 2), make("TRY", 2), make("TTD", 2), make("TWD", 2), make("TZS", 2), make("UAH", 2),
    make("UGX", 0), make("USD", 2), make("USN", 2), make("UYI", 0), make("UYU", 2), make("UYW", 4),
    make("UZS", 2), make("VED", 2), make("VES", 2), make("VND", 0), make("VUV", 0), make("WST", 2),
    make("XAD", 2), make("XAF", 0), make("XCD", 2), make("XCG", 2), make("XOF", 0), make("XPF", 0),
    make("YER", 2), make("ZAR", 2), make("ZMW", 2), make("ZWG", 2),
    // clang-format on
};
static_assert(std::ranges::is_sorted(kCurrencies));

std::unexpected<Error> fail_overflow() {
  return fail(ErrorKind::kUnprocessable, "amount_overflow", "the amount does not fit into 64 bits of minor units");
}

Result<Money> narrow(Wide amount, const Currency& currency) {
  if (amount < kMin || amount > kMax) {
    return fail_overflow();
  }
  return Money{static_cast<std::int64_t>(amount), currency};
}

Result<void> expect_same_currency(const Money& left, const Money& right) {
  if (left.currency != right.currency) {
    return fail(ErrorKind::kUnprocessable,
                "currency_mismatch",
                fmt::format("cannot combine {} with {}", left.currency.text(), right.currency.text()));
  }
  return {};
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Appends the digits to `amount`; false once the magnitude leaves what 64 bits can hold.
bool append_digits(std::string_view digits, Wide& amount) {
  constexpr Wide kLargest = static_cast<Wide>(kMax) + 1;
  for (const char c : digits) {
    amount = amount * 10 + (c - '0');
    if (amount > kLargest) {
      return false;
    }
  }
  return true;
}

UnsignedWide magnitude_of(std::int64_t amount) {
  const auto bits = static_cast<std::uint64_t>(amount);
  return amount < 0 ? 0 - bits : bits;
}

Money with_sign_of(const Money& whole, UnsignedWide magnitude) {
  const auto bits = static_cast<std::uint64_t>(magnitude);
  return {static_cast<std::int64_t>(whole.amount_minor < 0 ? 0 - bits : bits), whole.currency};
}

}  // namespace

Result<Currency> parse_currency(std::string_view code) {
  const auto found = std::ranges::lower_bound(kCurrencies, code, {}, &Currency::text);
  if (found == kCurrencies.end() || found->text() != code) {
    return fail(ErrorKind::kInvalid, "unknown_currency", "not the code of an active ISO 4217 currency");
  }
  return *found;
}

std::span<const Currency> all_currencies() {
  return kCurrencies;
}

Result<Money> parse_money(std::string_view decimal, const Currency& currency) {
  const bool is_signed = !decimal.empty() && (decimal.front() == '-' || decimal.front() == '+');
  const bool is_negative = is_signed && decimal.front() == '-';
  decimal.remove_prefix(is_signed ? 1 : 0);
  const auto point = decimal.find('.');
  const auto whole = decimal.substr(0, point);
  auto fraction = point == std::string_view::npos ? std::string_view{} : decimal.substr(point + 1);
  if (!is_digits(whole) || (point != std::string_view::npos && !is_digits(fraction))) {
    return fail(
        ErrorKind::kInvalid, "bad_amount", "an amount is an optional sign, digits and optionally a point and digits");
  }
  while (fraction.size() > currency.exponent && fraction.back() == '0') {
    fraction.remove_suffix(1);
  }
  if (fraction.size() > currency.exponent) {
    return fail(ErrorKind::kInvalid,
                "too_many_decimals",
                fmt::format("{} has {} decimals", currency.text(), currency.exponent));
  }
  Wide amount = 0;
  if (!append_digits(whole, amount) || !append_digits(fraction, amount)) {
    return fail_overflow();
  }
  for (auto digits = fraction.size(); digits < currency.exponent; ++digits) {
    amount *= 10;
  }
  return narrow(is_negative ? -amount : amount, currency);
}

std::string format_amount(const Money& money) {
  const auto magnitude = static_cast<std::uint64_t>(magnitude_of(money.amount_minor));
  // At least one digit before the point.
  auto digits = fmt::format("{:0{}}", magnitude, money.currency.exponent + 1);
  if (money.currency.exponent > 0) {
    digits.insert(digits.size() - money.currency.exponent, 1, '.');
  }
  return money.amount_minor < 0 ? "-" + digits : digits;
}

std::string format_money(const Money& money) {
  return fmt::format("{} {}", format_amount(money), money.currency.text());
}

Result<Money> add(const Money& left, const Money& right) {
  TALLY_TRY(expect_same_currency(left, right));
  return narrow(static_cast<Wide>(left.amount_minor) + right.amount_minor, left.currency);
}

Result<Money> subtract(const Money& left, const Money& right) {
  TALLY_TRY(expect_same_currency(left, right));
  return narrow(static_cast<Wide>(left.amount_minor) - right.amount_minor, left.currency);
}

Result<Money> multiply(const Money& money, std::int64_t factor) {
  return narrow(static_cast<Wide>(money.amount_minor) * factor, money.currency);
}

Result<Money> multiply_ratio(const Money& money, std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) {
    return fail(ErrorKind::kInvalid, "bad_ratio", "the denominator is zero");
  }
  const Wide product = static_cast<Wide>(money.amount_minor) * numerator;
  const bool is_negative = (product < 0) != (denominator < 0);
  const auto dividend = static_cast<UnsignedWide>(product < 0 ? -product : product);
  const auto divisor = magnitude_of(denominator);
  auto quotient = dividend / divisor;
  const auto twice_remainder = 2 * (dividend % divisor);
  if (twice_remainder > divisor || (twice_remainder == divisor && quotient % 2 == 1)) {
    ++quotient;
  }
  const auto rounded = static_cast<Wide>(quotient);
  return narrow(is_negative ? -rounded : rounded, money.currency);
}

Result<std::vector<Money>> split(const Money& money, std::size_t parts) {
  if (parts == 0 || parts > kMaxMoneyParts) {
    return fail(ErrorKind::kInvalid, "bad_split", fmt::format("an amount splits into 1 to {} parts", kMaxMoneyParts));
  }
  const auto magnitude = magnitude_of(money.amount_minor);
  const auto extra = static_cast<std::size_t>(magnitude % parts);
  std::vector<Money> result(parts, with_sign_of(money, magnitude / parts));
  std::fill_n(result.begin(), extra, with_sign_of(money, magnitude / parts + 1));
  return result;
}

Result<std::vector<Money>> split_by_weights(const Money& money, std::span<const std::int64_t> weights) {
  UnsignedWide total = 0;
  bool is_negative = false;
  for (const auto weight : weights) {
    is_negative |= weight < 0;
    total += magnitude_of(weight);
  }
  if (total == 0 || is_negative || weights.size() > kMaxMoneyParts) {
    return fail(ErrorKind::kInvalid,
                "bad_split",
                fmt::format("weights are 1 to {} numbers, none negative and not all zero", kMaxMoneyParts));
  }
  const auto magnitude = magnitude_of(money.amount_minor);
  std::vector<UnsignedWide> shares(weights.size());
  std::vector<UnsignedWide> remainders(weights.size());
  auto left = magnitude;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto product = magnitude * magnitude_of(weights[i]);
    shares[i] = product / total;
    remainders[i] = product % total;
    left -= shares[i];
  }
  // Fewer units are left than there are parts with a remainder, so a weight of zero never gets one.
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return remainders[a] != remainders[b] ? remainders[a] > remainders[b] : a < b;
  });
  for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) {
    ++shares[order[i]];
  }
  std::vector<Money> result;
  result.reserve(weights.size());
  for (const auto share : shares) {
    result.push_back(with_sign_of(money, share));
  }
  return result;
}

}  // namespace tallystick::base
