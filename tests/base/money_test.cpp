#include "base/money.h"

#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tallystick::base {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

Currency currency(std::string_view code) {
  return parse_currency(code).value();
}

Money money(std::int64_t amount_minor, std::string_view code = "EUR") {
  return {amount_minor, currency(code)};
}

// The true sum, free of overflow.
std::int64_t sum_of(const std::vector<Money>& parts) {
  return std::accumulate(parts.begin(), parts.end(), std::int64_t{0}, [](std::int64_t sum, const Money& part) {
    return sum + part.amount_minor;
  });
}

TEST(Currency, KnowsTheMinorUnitsOfIso4217) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"EUR", 2}, {"USD", 2}, {"GBP", 2}, {"CHF", 2}, {"HUF", 2}, {"MGA", 2}, {"ISK", 0}, {"JPY", 0}, {"KRW", 0},
      {"CLP", 0}, {"VND", 0}, {"UGX", 0}, {"XOF", 0}, {"XPF", 0}, {"BHD", 3}, {"IQD", 3}, {"JOD", 3}, {"KWD", 3},
      {"LYD", 3}, {"OMR", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4}, {"ZWG", 2}, {"XCG", 2}, {"SLE", 2}};
  for (const auto& [code, exponent] : cases) {
    EXPECT_EQ(currency(code).exponent, exponent) << code;
  }
}

TEST(Currency, RefusesWhatIsNoActiveCurrency) {
  for (const std::string code : {"", "EU", "eur", "EURO", "XXX", "XTS", "XAU", "DEM", "HRK", "ZZZ"}) {
    EXPECT_EQ(parse_currency(code).error().code, "unknown_currency") << code;
  }
}

TEST(Currency, EveryListedCodeIsFound) {
  for (const auto& listed : all_currencies()) {
    EXPECT_EQ(parse_currency(listed.text()).value(), listed);
  }
}

TEST(Money, ParsesDecimalTextExactly) {
  struct Case {
    std::string text;
    std::string code;
    std::int64_t amount_minor;
  };
  const std::vector<Case> cases = {{"0", "EUR", 0},
                                   {"12.34", "EUR", 1234},
                                   {"+7", "EUR", 700},
                                   {"-0.5", "EUR", -50},
                                   {"-0.00", "EUR", 0},
                                   {"0.1", "EUR", 10},
                                   {"1.2300000", "EUR", 123},
                                   {"0007.10", "EUR", 710},
                                   {"500", "JPY", 500},
                                   {"500.00", "JPY", 500},
                                   {"1.234", "KWD", 1234},
                                   {"1.2", "KWD", 1200},
                                   {"92233720368547758.07", "EUR", kMax},
                                   {"-92233720368547758.08", "EUR", kMin},
                                   {"9223372036854775807", "JPY", kMax}};
  for (const auto& [text, code, amount_minor] : cases) {
    EXPECT_EQ(parse_money(text, currency(code)).value(), money(amount_minor, code)) << text;
  }
}

TEST(Money, RefusesTextThatIsNoExactAmount) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"", "bad_amount"},
                                                                  {"-", "bad_amount"},
                                                                  {"+-1", "bad_amount"},
                                                                  {".5", "bad_amount"},
                                                                  {"5.", "bad_amount"},
                                                                  {"1,5", "bad_amount"},
                                                                  {"1.2.3", "bad_amount"},
                                                                  {" 1", "bad_amount"},
                                                                  {"1e3", "bad_amount"},
                                                                  {"0x10", "bad_amount"},
                                                                  {"1.005", "too_many_decimals"},
                                                                  {"92233720368547758.08", "amount_overflow"},
                                                                  {"-92233720368547758.09", "amount_overflow"},
                                                                  {"92233720368547759", "amount_overflow"},
                                                                  {std::string(1000, '9'), "amount_overflow"}};
  for (const auto& [text, code] : cases) {
    EXPECT_EQ(parse_money(text, currency("EUR")).error().code, code) << text;
  }
  EXPECT_EQ(parse_money("0.5", currency("JPY")).error().code, "too_many_decimals");
}

TEST(Money, IsWrittenWithAllDecimalsOfItsCurrency) {
  EXPECT_EQ(format_amount(money(1230)), "12.30");
  EXPECT_EQ(format_amount(money(-5)), "-0.05");
  EXPECT_EQ(format_amount(money(0)), "0.00");
  EXPECT_EQ(format_amount(money(-500, "JPY")), "-500");
  EXPECT_EQ(format_amount(money(7, "KWD")), "0.007");
  EXPECT_EQ(format_amount(money(kMin)), "-92233720368547758.08");
  EXPECT_EQ(format_money(money(1230)), "12.30 EUR");
}

TEST(Money, WhatIsWrittenReadsBackTheSame) {
  EXPECT_TRUE(rc::check("parse(format(m)) == m", [](std::int64_t amount_minor) {
    const auto currencies = all_currencies();
    const Money original{amount_minor, currencies[*rc::gen::inRange<std::size_t>(0, currencies.size())]};
    RC_ASSERT(parse_money(format_amount(original), original.currency).value() == original);
  }));
}

TEST(Money, AddsAndSubtractsWithinOneCurrency) {
  EXPECT_EQ(add(money(150), money(-200)).value(), money(-50));
  EXPECT_EQ(subtract(money(150), money(-200)).value(), money(350));
  EXPECT_EQ(subtract(money(-1), money(kMin)).value(), money(kMax));
  EXPECT_EQ(add(money(1, "EUR"), money(1, "USD")).error().code, "currency_mismatch");
  EXPECT_EQ(subtract(money(1, "EUR"), money(1, "USD")).error().code, "currency_mismatch");
}

TEST(Money, NeverWrapsAround) {
  EXPECT_EQ(add(money(kMax), money(1)).error().code, "amount_overflow");
  EXPECT_EQ(subtract(money(kMin), money(1)).error().code, "amount_overflow");
  EXPECT_EQ(multiply(money(kMin), -1).error().code, "amount_overflow");
  EXPECT_EQ(multiply(money(kMax), kMax).error().code, "amount_overflow");
  EXPECT_EQ(multiply_ratio(money(kMin), -1, 1).error().code, "amount_overflow");
  EXPECT_EQ(multiply_ratio(money(kMax), 3, 2).error().code, "amount_overflow");
  EXPECT_EQ(multiply(money(-7), 6).value(), money(-42));
}

TEST(Money, RatioRoundsATieToTheEvenUnit) {
  struct Case {
    std::int64_t amount_minor, numerator, denominator, expected;
  };
  const std::vector<Case> cases = {{5, 1, 2, 2},
                                   {15, 1, 10, 2},
                                   {25, 1, 10, 2},
                                   {35, 1, 10, 4},
                                   {-5, 1, 2, -2},
                                   {-15, 1, 10, -2},
                                   {-25, 1, 10, -2},
                                   {26, 1, 10, 3},
                                   {24, 1, 10, 2},
                                   {-26, 1, 10, -3},
                                   {5, -1, 2, -2},
                                   {5, 1, -2, -2},
                                   {-5, -1, -2, -2},
                                   {100, 75, 1000, 8},
                                   {100, 74, 1000, 7},
                                   {kMin, kMin, kMin, kMin},
                                   {kMax, kMax, kMax, kMax},
                                   {0, 5, 7, 0},
                                   {kMin, 1, kMin, 1}};
  for (const auto& [amount_minor, numerator, denominator, expected] : cases) {
    EXPECT_EQ(multiply_ratio(money(amount_minor), numerator, denominator).value(), money(expected))
        << amount_minor << " x " << numerator << " / " << denominator;
  }
  EXPECT_EQ(multiply_ratio(money(1), 1, 0).error().code, "bad_ratio");
}

TEST(Money, SplitsIntoEqualPartsTheLargerOnesFirst) {
  EXPECT_EQ(split(money(100), 3).value(), (std::vector{money(34), money(33), money(33)}));
  EXPECT_EQ(split(money(-100), 3).value(), (std::vector{money(-34), money(-33), money(-33)}));
  EXPECT_EQ(split(money(1), 3).value(), (std::vector{money(1), money(0), money(0)}));
  EXPECT_EQ(split(money(kMin), 1).value(), (std::vector{money(kMin)}));
  EXPECT_EQ(split(money(1), 0).error().code, "bad_split");
  EXPECT_EQ(split(money(1), kMaxMoneyParts + 1).error().code, "bad_split");
}

TEST(Money, SplitsByWeightsByLargestRemainder) {
  const auto weighted = [](std::int64_t amount_minor, std::vector<std::int64_t> weights) {
    return split_by_weights(money(amount_minor), weights);
  };
  // 10 x 1/6, 2/6, 3/6 = 1.67, 3.33, 5: the unit left goes to the first.
  EXPECT_EQ(weighted(10, {1, 2, 3}).value(), (std::vector{money(2), money(3), money(5)}));
  // Equal remainders: the earlier one.
  EXPECT_EQ(weighted(1, {1, 1}).value(), (std::vector{money(1), money(0)}));
  EXPECT_EQ(weighted(-1, {1, 1}).value(), (std::vector{money(-1), money(0)}));
  EXPECT_EQ(weighted(5, {0, 1, 0}).value(), (std::vector{money(0), money(5), money(0)}));
  EXPECT_EQ(weighted(kMin, {kMax, kMax}).value(), (std::vector{money(kMin / 2), money(kMin / 2)}));
  EXPECT_EQ(weighted(1, {}).error().code, "bad_split");
  EXPECT_EQ(weighted(1, {0, 0}).error().code, "bad_split");
  EXPECT_EQ(weighted(1, {2, -1}).error().code, "bad_split");
}

TEST(Money, EqualPartsAddUpAndDifferByAtMostOne) {
  EXPECT_TRUE(rc::check("split", [](std::int64_t amount_minor) {
    const auto count = *rc::gen::inRange<std::size_t>(1, 200);
    const auto parts = split(money(amount_minor), count).value();
    RC_ASSERT(parts.size() == count);
    RC_ASSERT(sum_of(parts) == amount_minor);
    const auto [low, high] = std::minmax_element(
        parts.begin(), parts.end(), [](const Money& a, const Money& b) { return a.amount_minor < b.amount_minor; });
    RC_ASSERT(high->amount_minor - low->amount_minor <= 1);
  }));
}

TEST(Money, WeightedPartsAddUpAndAZeroWeightGetsNothing) {
  EXPECT_TRUE(rc::check("split_by_weights", [](std::int64_t amount_minor) {
    auto weights = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::weightedOneOf<std::int64_t>(
        {{3, rc::gen::inRange<std::int64_t>(0, 10)}, {1, rc::gen::inRange<std::int64_t>(0, kMax)}}));
    weights.push_back(1);
    const auto parts = split_by_weights(money(amount_minor), weights).value();
    RC_ASSERT(parts.size() == weights.size());
    RC_ASSERT(sum_of(parts) == amount_minor);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      RC_ASSERT(weights[i] != 0 || parts[i].amount_minor == 0);
      RC_ASSERT(parts[i].amount_minor == 0 || (parts[i].amount_minor < 0) == (amount_minor < 0));
    }
  }));
}

}  // namespace
}  // namespace tallystick::base
