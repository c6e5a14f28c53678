#include "tabular/amount.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tallystick::tabular {
namespace {

using enum DecimalMark;

const base::Currency kEuro = *base::parse_currency("EUR");
const base::Currency kYen = *base::parse_currency("JPY");

struct AmountCase {
  const char* text;
  DecimalMark mark;
  std::int64_t minor;
};

TEST(Amounts, AreReadExactlyAsTheyAreWritten) {
  for (const auto& [text, mark, minor] : std::vector<AmountCase>{{"0", kPoint, 0},
                                                                 {"12.34", kPoint, 1'234},
                                                                 {"12", kPoint, 1'200},
                                                                 {"12.", kPoint, 1'200},
                                                                 {".5", kPoint, 50},
                                                                 {"1,234.56", kPoint, 123'456},
                                                                 {"1,234,567.8", kPoint, 123'456'780},
                                                                 {"1.234,56", kComma, 123'456},
                                                                 {"1 234,56", kComma, 123'456},
                                                                 {"1\xC2\xA0"
                                                                  "234,56",
                                                                  kComma,
                                                                  123'456},
                                                                 {"1\xE2\x80\xAF"
                                                                  "234,56",
                                                                  kComma,
                                                                  123'456},
                                                                 {"1'234.50", kPoint, 123'450},
                                                                 {"1\xE2\x80\x99"
                                                                  "234.50",
                                                                  kPoint,
                                                                  123'450},
                                                                 {"-5.00", kPoint, -500},
                                                                 {"\xE2\x88\x92"
                                                                  "5.00",
                                                                  kPoint,
                                                                  -500},
                                                                 {"5.00-", kPoint, -500},
                                                                 {"(5.00)", kPoint, -500},
                                                                 {"($1,005.00)", kPoint, -100'500},
                                                                 {"-$5.00", kPoint, -500},
                                                                 {"$-5.00", kPoint, -500},
                                                                 {"$ 5.00", kPoint, 500},
                                                                 {"+5.00", kPoint, 500},
                                                                 {"5,00 EUR", kComma, 500},
                                                                 {"EUR 5,00", kComma, 500},
                                                                 {"\xE2\x82\xAC"
                                                                  "5.00",
                                                                  kPoint,
                                                                  500},
                                                                 {" 5.00 ", kPoint, 500},
                                                                 {"5.0000", kPoint, 500}}) {
    const auto decimal = parse_decimal(text, mark);
    ASSERT_TRUE(decimal) << text;
    EXPECT_EQ(to_minor(*decimal, kEuro, Excess::kRefuse), minor) << text;
  }
}

TEST(Amounts, WhatIsNoneIsRefused) {
  for (const char* text :
       {"",    "-",  "abc", "1.2.3",     "12,34.56", "1,23", "--5",  "(-5)", "-5-",  "5 %", "1,,2", "12 XYZ",
        "1 2", "()", "$",   "EUR 5 USD", "1,2345",   ",",    "5.0x", "1e5",  "0x10", "NaN", "5.-0"}) {
    EXPECT_FALSE(parse_decimal(text, kPoint)) << text;
  }
  EXPECT_EQ(parse_decimal("1234567890123456789", kPoint).error().code, "amount_overflow");
}

TEST(Amounts, CommaAndPointAreNotGuessedOneByOne) {
  EXPECT_EQ(to_minor(*parse_decimal("1,234", kPoint), kEuro, Excess::kRefuse), 123'400);
  EXPECT_EQ(to_minor(*parse_decimal("1,234", kComma), kEuro, Excess::kRoundToEven), 123);
  // A comma file does not take "1.50" for one and a half.
  EXPECT_FALSE(parse_decimal("1.50", kComma));
}

TEST(Amounts, TheirCurrencyIsTold) {
  EXPECT_EQ(parse_decimal("5,00 EUR", kComma)->currency->text(), "EUR");
  EXPECT_EQ(parse_decimal("gbp 5", kPoint)->currency->text(), "GBP");
  EXPECT_EQ(parse_decimal("\xC2\xA3"
                          "5",
                          kPoint)
                ->currency->text(),
            "GBP");
  // A dollar is one of many.
  EXPECT_FALSE(parse_decimal("$5", kPoint)->currency);
}

TEST(Amounts, DecimalsBelowTheMinorUnitAreNeverDroppedSilently) {
  EXPECT_EQ(to_minor(*parse_decimal("1.234", kPoint), kEuro, Excess::kRefuse).error().code, "too_many_decimals");
  EXPECT_EQ(to_minor(*parse_decimal("1.5", kPoint), kYen, Excess::kRefuse).error().code, "too_many_decimals");
  EXPECT_EQ(to_minor(*parse_decimal("1.225", kPoint), kEuro, Excess::kRoundToEven), 122);
  EXPECT_EQ(to_minor(*parse_decimal("1.235", kPoint), kEuro, Excess::kRoundToEven), 124);
  EXPECT_EQ(to_minor(*parse_decimal("-1.235", kPoint), kEuro, Excess::kRoundToEven), -124);
  EXPECT_EQ(to_minor(*parse_decimal("-1.2251", kPoint), kEuro, Excess::kRoundToEven), -123);
  EXPECT_EQ(to_minor(*parse_decimal("0.00000000000000000000001", kPoint), kEuro, Excess::kRoundToEven), 0);
  EXPECT_EQ(to_minor(*parse_decimal("999999999999999999", kPoint), kEuro, Excess::kRefuse).error().code,
            "amount_overflow");
}

TEST(MarkEvidences, OnlyWhatHasOneReadingCounts) {
  MarkEvidence evidence;
  for (const char* text : {"1,234", "5", "12", "7,891"}) {
    evidence.observe(text);
  }
  EXPECT_EQ(evidence.decide(), std::nullopt);
  EXPECT_EQ(evidence.ambiguous_count(), 2);
  EXPECT_EQ(evidence.first_ambiguous(), "1,234");
  evidence.observe("3,50");
  EXPECT_EQ(evidence.decide(), kComma);
}

TEST(MarkEvidences, EachFormSaysItsMark) {
  for (const auto& [text, mark] : std::vector<std::pair<const char*, DecimalMark>>{{"1.5", kPoint},
                                                                                   {"1,5", kComma},
                                                                                   {"1,234.567", kPoint},
                                                                                   {"1.234,567", kComma},
                                                                                   {"1,234,567", kPoint},
                                                                                   {"1.234.567", kComma},
                                                                                   {"0,123", kComma},
                                                                                   {"1234.567", kPoint},
                                                                                   {"1 234,567", kComma},
                                                                                   {"($1,234.00)", kPoint}}) {
    MarkEvidence evidence;
    evidence.observe(text);
    EXPECT_EQ(evidence.decide(), mark) << text;
  }
}

std::string grouped(std::uint64_t number, const std::string& separator) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), separator);
  }
  return digits;
}

RC_GTEST_PROP(AmountProperties, WhatIsWrittenWithGroupsIsReadBack, ()) {
  const auto minor = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
  const bool is_comma = *rc::gen::arbitrary<bool>();
  const bool is_negative = *rc::gen::arbitrary<bool>();
  const std::string separator = is_comma ? *rc::gen::element<std::string>("", ".", " ", "'", "\xC2\xA0")
                                         : *rc::gen::element<std::string>("", ",", " ", "'", "\xC2\xA0");
  std::string text = grouped(static_cast<std::uint64_t>(minor / 100), separator) + (is_comma ? "," : ".") +
                     std::to_string(minor % 100 + 100).substr(1);
  if (is_negative) {
    text = *rc::gen::element<std::string>("-" + text, "(" + text + ")", text + "-");
  }
  const auto decimal = parse_decimal(text, is_comma ? kComma : kPoint);
  RC_ASSERT(decimal.has_value());
  RC_ASSERT(to_minor(*decimal, kEuro, Excess::kRefuse).value() == (is_negative ? -minor : minor));
  MarkEvidence evidence;
  evidence.observe(text);
  RC_ASSERT(evidence.decide().value() == (is_comma ? kComma : kPoint));
}

}  // namespace
}  // namespace tallystick::tabular
