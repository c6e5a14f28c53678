#pragma once
// Amounts as people and exporters write them: "1,234.56", "1.234,56 EUR", "($5.00)", "5.00-", "1 234,56". What a comma
// or a point means is decided for a whole file by what only one reading allows, never per amount by a guess. Exact: no
// floating point. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/money.h"

namespace tallystick::tabular {

enum class DecimalMark : std::uint8_t { kPoint, kComma };
[[nodiscard]] std::string_view name_of(DecimalMark mark);  // "point", "comma"

// mantissa x 10^-scale, as it was written.
struct Decimal {
  std::int64_t mantissa = 0;  // with its sign
  std::uint8_t scale = 0;
  std::optional<base::Currency> currency = {};  // by code, or by a symbol that belongs to one currency only
};

// Thousands may be parted by the other mark, by spaces (also non-breaking ones) or by apostrophes, in groups of three.
// Negative: a minus before or behind, or parentheses. Error codes: "bad_amount", "amount_overflow".
[[nodiscard]] base::Result<Decimal> parse_decimal(std::string_view text, DecimalMark mark);

enum class Excess : std::uint8_t {
  kRefuse,       // decimals below the minor unit must be zeros: "too_many_decimals"
  kRoundToEven,  // half-even
};
// Error codes: "too_many_decimals", "amount_overflow".
[[nodiscard]] base::Result<std::int64_t> to_minor(const Decimal& decimal,
                                                  const base::Currency& currency,
                                                  Excess excess);

// Which mark the amounts of a file are written with.
class MarkEvidence {
 public:
  void observe(std::string_view text);

  // What only one reading allowed; nothing when all could be read both ways, or as often one way as the other.
  [[nodiscard]] std::optional<DecimalMark> decide() const;
  [[nodiscard]] std::int64_t point_count() const { return points_; }
  [[nodiscard]] std::int64_t comma_count() const { return commas_; }
  // Such as "1,234": a thousand or one and a bit.
  [[nodiscard]] std::int64_t ambiguous_count() const { return ambiguous_; }
  [[nodiscard]] const std::string& first_ambiguous() const { return first_ambiguous_; }

 private:
  std::int64_t points_ = 0;
  std::int64_t commas_ = 0;
  std::int64_t ambiguous_ = 0;
  std::string first_ambiguous_;
};

}  // namespace tallystick::tabular
