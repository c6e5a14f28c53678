#include "insights/revenue.h"

#include <algorithm>
#include <utility>

#include "insights/quotient.h"

namespace tallystick::insights {
namespace {

// Capture takes known currencies only; should another ever stand in the warehouse, its minor units are shown.
base::Currency currency_of(std::string_view code) {
  if (const auto currency = base::parse_currency(code)) {
    return *currency;
  }
  base::Currency unknown{{'X', 'X', 'X'}, 0};
  std::copy_n(code.begin(), std::min(code.size(), unknown.code.size()), unknown.code.begin());
  return unknown;
}

}  // namespace

void Revenue::add(std::string_view currency, std::int64_t amount_minor) {
  if (currency.empty() && amount_minor == 0) {
    return;
  }
  const auto found = minor_by_currency_.find(currency);
  if (found == minor_by_currency_.end()) {
    minor_by_currency_.emplace(currency, amount_minor);
  } else {
    found->second += amount_minor;
  }
}

void Revenue::add(const Revenue& other) {
  for (const auto& [currency, amount_minor] : other.minor_by_currency_) {
    add(currency, amount_minor);
  }
}

Amounts Revenue::amounts() const {
  Amounts amounts;
  for (const auto& [code, amount_minor] : minor_by_currency_) {
    amounts.push_back({amount_minor, currency_of(code)});
  }
  return amounts;
}

Cell Revenue::per(std::int64_t count, std::int64_t factor) const {
  if (count <= 0) {
    return {};
  }
  Rates rates;
  for (const base::Money& money : amounts()) {
    rates.push_back({money.currency, money_per(money, count, factor).value_or("")});
  }
  return rates;
}

}  // namespace tallystick::insights
