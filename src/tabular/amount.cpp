#include "tabular/amount.h"

#include <algorithm>

#include <fmt/format.h>

#include "tabular/amount_text.h"

namespace tallystick::tabular {
namespace {

constexpr std::size_t kMaxDigits = 18;  // an int64_t holds all of these

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::unexpected<base::Error> bad_amount(std::string_view text) {
  return base::fail(
      base::ErrorKind::kInvalid, "bad_amount", fmt::format("\"{}\" is no amount", text.substr(0, kMaxAmountBytes)));
}

// "1,234,567" without its separators, which must be of one kind and part groups of three; nothing otherwise.
std::optional<std::string> ungroup(std::string_view text) {
  std::string digits;
  char separator = '\0';
  std::size_t group = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      digits += c;
      ++group;
      continue;
    }
    const bool is_first = separator == '\0';
    if ((!is_first && c != separator) || (is_first ? group == 0 || group > 3 : group != 3)) {
      return std::nullopt;
    }
    separator = c;
    group = 0;
  }
  if (separator != '\0' && group != 3) {
    return std::nullopt;
  }
  return digits;
}

base::Result<std::int64_t> power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) {
    if (__builtin_mul_overflow(power, 10, &power)) {
      return base::fail(base::ErrorKind::kInvalid, "amount_overflow", "the amount is too large");
    }
  }
  return power;
}

}  // namespace

std::string_view name_of(DecimalMark mark) {
  return mark == DecimalMark::kPoint ? "point" : "comma";
}

base::Result<Decimal> parse_decimal(std::string_view text, DecimalMark mark) {
  const auto amount = split_amount(text);
  if (!amount) {
    return bad_amount(text);
  }
  const std::string_view core = amount->core;
  const char point = mark == DecimalMark::kPoint ? '.' : ',';
  const std::size_t at = core.find(point);
  const std::string_view fraction = at == std::string_view::npos ? std::string_view() : core.substr(at + 1);
  auto digits = ungroup(core.substr(0, at));
  if (!digits || !std::ranges::all_of(fraction, is_digit) || digits->size() + fraction.size() == 0) {
    return bad_amount(text);
  }
  digits->append(fraction);
  const std::size_t leading_zeros = std::min(digits->find_first_not_of('0'), digits->size());
  if (digits->size() - leading_zeros > kMaxDigits) {
    return base::fail(base::ErrorKind::kInvalid, "amount_overflow", "the amount is too large");
  }
  Decimal decimal;
  for (const char c : *digits) {
    decimal.mantissa = decimal.mantissa * 10 + (c - '0');
  }
  decimal.mantissa = amount->is_negative ? -decimal.mantissa : decimal.mantissa;
  decimal.scale = static_cast<std::uint8_t>(fraction.size());
  decimal.currency = amount->currency;
  return decimal;
}

base::Result<std::int64_t> to_minor(const Decimal& decimal, const base::Currency& currency, Excess excess) {
  if (decimal.scale <= currency.exponent) {
    TALLY_ASSIGN(const std::int64_t factor, power_of_ten(currency.exponent - decimal.scale));
    std::int64_t minor = 0;
    if (__builtin_mul_overflow(decimal.mantissa, factor, &minor)) {
      return base::fail(base::ErrorKind::kInvalid, "amount_overflow", "the amount is too large");
    }
    return minor;
  }
  const int surplus = decimal.scale - currency.exponent;
  // More digits than the mantissa can have: it is less than half a minor unit.
  const bool is_tiny = surplus > static_cast<int>(kMaxDigits);
  TALLY_ASSIGN(const std::int64_t divisor, power_of_ten(is_tiny ? static_cast<int>(kMaxDigits) : surplus));
  const std::int64_t rest = is_tiny ? decimal.mantissa : decimal.mantissa % divisor;
  const std::int64_t whole = is_tiny ? 0 : decimal.mantissa / divisor;
  if (rest == 0) {
    return whole;
  }
  if (excess == Excess::kRefuse) {
    return base::fail(base::ErrorKind::kInvalid,
                      "too_many_decimals",
                      fmt::format("{} has {} decimals, the amount more", currency.text(), currency.exponent));
  }
  const std::int64_t size = rest < 0 ? -rest : rest;
  const bool is_up = !is_tiny && (size * 2 > divisor || (size * 2 == divisor && whole % 2 != 0));
  return whole + (is_up ? (rest < 0 ? -1 : 1) : 0);
}

void MarkEvidence::observe(std::string_view text) {
  const auto amount = split_amount(text);
  if (!amount) {
    return;
  }
  const std::string_view core = amount->core;
  const std::size_t last = core.find_last_of(".,");
  if (last == std::string_view::npos) {
    return;
  }
  const char mark = core[last];
  const auto count = std::ranges::count(core, mark);
  const bool has_other = core.find(mark == '.' ? ',' : '.') != std::string_view::npos;
  const std::size_t before = core.substr(0, last).size();
  const std::size_t behind = core.size() - last - 1;
  bool is_decimal = true;
  if (count > 1) {
    is_decimal = false;  // "1,234,567"
  } else if (!has_other && core.find_first_of(" '") == std::string_view::npos && behind == 3 && before >= 1 &&
             before <= 3 && core.front() != '0') {
    ++ambiguous_;  // "1,234"
    first_ambiguous_ = first_ambiguous_.empty() ? std::string(text) : first_ambiguous_;
    return;
  }
  (is_decimal == (mark == '.') ? points_ : commas_) += 1;
}

std::optional<DecimalMark> MarkEvidence::decide() const {
  if (points_ == commas_) {
    return std::nullopt;
  }
  return points_ > commas_ ? DecimalMark::kPoint : DecimalMark::kComma;
}

}  // namespace tallystick::tabular
