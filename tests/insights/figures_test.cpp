#include <gtest/gtest.h>

#include "insights/attribution_tally.h"
#include "insights/events_report.h"
#include "insights/frequency_report.h"
#include "insights/quotient.h"
#include "insights/revenue.h"

namespace tallystick::insights {
namespace {

base::Money money(std::int64_t minor, std::string_view code) {
  return {minor, base::parse_currency(code).value()};
}

TEST(Quotient, IsExactAndRoundsTiesToTheEvenDigit) {
  EXPECT_EQ(quotient(1, 3), "0.3333");
  EXPECT_EQ(quotient(2, 3), "0.6667");
  EXPECT_EQ(quotient(1, 20'000), "0.0000");  // 0.00005
  EXPECT_EQ(quotient(3, 20'000), "0.0002");  // 0.00015
  EXPECT_EQ(quotient(-1, 3), "-0.3333");
  EXPECT_EQ(quotient(-1, 1'000'000), "0.0000");
  EXPECT_EQ(quotient(7, 1, 0), "7");
  EXPECT_EQ(percent(1, 8), "12.5000");
  EXPECT_EQ(percent(INT64_MAX, 1), "922337203685477580700.0000");
}

TEST(Quotient, IsNothingWhereTheDivisorIsZero) {
  EXPECT_FALSE(quotient(1, 0));
  EXPECT_FALSE(percent(0, 0));
  EXPECT_FALSE(money_per(money(100, "EUR"), 0, 1'000));
}

TEST(MoneyPer, HasTwoDecimalsMoreThanTheCurrency) {
  EXPECT_EQ(money_per(money(1'001, "EUR"), 3, 1'000), "3336.6667");  // 10.01 x 1000 / 3
  EXPECT_EQ(money_per(money(1'001, "JPY"), 3, 1), "333.67");
  EXPECT_EQ(money_per(money(1'001, "KWD"), 2, 1), "0.50050");
  EXPECT_EQ(money_per(money(-50, "EUR"), 100, 1), "-0.0050");
}

TEST(FormatParts, ShowsPartsThatAddUp) {
  // A third three times: 3333 + 3333 + 3334.
  EXPECT_EQ(format_parts(3'333), "0.3333");
  EXPECT_EQ(format_parts(3'334), "0.3334");
  EXPECT_EQ(format_parts(20'000), "2.0000");
}

TEST(Revenue, KeepsCurrenciesApart) {
  Revenue revenue;
  revenue.add("USD", 5);
  revenue.add("EUR", 100);
  revenue.add("EUR", -40);
  revenue.add("", 0);  // a lead without an amount
  EXPECT_EQ(revenue.amounts(), (Amounts{money(60, "EUR"), money(5, "USD")}));
  EXPECT_EQ(
      revenue.per(2, 1),
      Cell(Rates{{base::parse_currency("EUR").value(), "0.3000"}, {base::parse_currency("USD").value(), "0.0250"}}));
  EXPECT_EQ(revenue.per(0, 1), Cell());
}

TEST(AttributionTally, GivesWhatIsMissingToNobody) {
  const auto rows = [](std::string_view text) {
    return warehouse::Rows::parse(text).value();
  };
  const auto tally =
      make_attribution(rows(R"({"meta":[{"name":"placement_id","type":"UUID"},{"name":"clicks","type":"Int64"}],
        "data":[["00000000-0000-4000-8000-000000000001",3],["00000000-0000-0000-0000-000000000000",1]],"rows":2})"),
                       rows(R"({"meta":[{"name":"clicks","type":"Int64"}],"data":[[6]],"rows":1})"),
                       rows(R"({"meta":[{"name":"placement_id","type":"UUID"},{"name":"currency_code","type":"String"},
        {"name":"parts","type":"Int64"},{"name":"reversed_parts","type":"Int64"},{"name":"revenue_minor","type":"Int64"}],
        "data":[["00000000-0000-4000-8000-000000000001","EUR",15000,5000,77]],"rows":1})"));
  EXPECT_EQ(tally.at("00000000-0000-4000-8000-000000000001").clicks, 3);
  EXPECT_EQ(tally.at("00000000-0000-0000-0000-000000000000").clicks, 3);
  EXPECT_EQ(total_of(tally).clicks, 6);
  EXPECT_EQ(total_of(tally).conversion_parts, 15'000);
}

TEST(Frequency, SamplesOnlyWhatIsTooMuch) {
  EXPECT_EQ(choose_sample(0, false), 1);
  EXPECT_EQ(choose_sample(2'000'000, false), 1);
  EXPECT_EQ(choose_sample(2'000'001, false), 2);
  EXPECT_EQ(choose_sample(2'000'002, false), 4) << "half would be more than a million";
  EXPECT_EQ(choose_sample(20'000'000, false), 32);
  EXPECT_EQ(choose_sample(20'000'000, true), 1);
}

TEST(EventCursor, IsReadAsItWasWritten) {
  const EventPosition position{{1'795'234'921'123'456}, 4'294'967'295, 18'446'744'073'709'551'615U};
  EXPECT_EQ(parse_cursor(format_cursor(position)), position);
  for (const char* wrong : {"", "AA", "MTIz", "MS4yLg", "MS4yLjN4", "!"}) {
    const auto parsed = parse_cursor(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, "bad_cursor");
  }
}

TEST(Reasons, AreCodes) {
  EXPECT_EQ(reasons_of(0), Texts{});
  EXPECT_EQ(reasons_of(1U | 1U << 10), (Texts{"ua_crawler", "geo_mismatch"}));
}

}  // namespace
}  // namespace tallystick::insights
