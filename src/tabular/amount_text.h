#pragma once
// An amount taken apart: sign, currency and the digits with their separators, which all have one byte then. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"

namespace tallystick::tabular {

inline constexpr std::size_t kMaxAmountBytes = 64;

struct AmountText {
  bool is_negative = false;
  std::string core;  // digits, '.', ',', ' ' and '\''; begins with a digit or mark, ends with a digit or mark
  std::optional<base::Currency> currency;
};

// Nothing when it is no amount.
[[nodiscard]] std::optional<AmountText> split_amount(std::string_view text);

}  // namespace tallystick::tabular
