#include "server/rate_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tallystick::server {
namespace {

using testing::HasSubstr;

const RateLimits kLimits{.min_impressions = 1'000, .min_events = 400, .max_change_percent = 20};

RateVerdict verdict(const RateSample& now, const RateSample& mean) {
  return compare_rates(now, mean, kLimits).verdict;
}

// The mean is 5 %: 35,000 clicks of 700,000 impressions. A day of 10,000 impressions should have 500 clicks.
const RateSample kMean{.amount = 35'000, .events = 35'000, .impressions = 700'000};

TEST(RateChange, TwentyPercentIsNotOffAndOneMoreClickIs) {
  EXPECT_EQ(verdict({600, 600, 10'000}, kMean), RateVerdict::kSteady);
  EXPECT_EQ(verdict({601, 601, 10'000}, kMean), RateVerdict::kOff);
  EXPECT_EQ(verdict({400, 400, 10'000}, kMean), RateVerdict::kSteady);
  EXPECT_EQ(verdict({399, 399, 10'000}, kMean), RateVerdict::kOff);
}

TEST(RateChange, SaysByHowMuch) {
  EXPECT_EQ(compare_rates({250, 250, 10'000}, kMean, kLimits).per_mille, -500);
  EXPECT_EQ(compare_rates({1'000, 1'000, 10'000}, kMean, kLimits).per_mille, 1'000);
  EXPECT_EQ(compare_rates({0, 0, 10'000}, kMean, kLimits).per_mille, -1'000);
  EXPECT_EQ(compare_rates({600, 600, 10'000}, kMean, kLimits).per_mille, 200);
}

TEST(RateChange, TooFewDataAreNotCompared) {
  // 8,000 impressions should have 400 clicks, 7,999 fewer.
  EXPECT_EQ(verdict({0, 0, 8'000}, kMean), RateVerdict::kOff);
  EXPECT_EQ(verdict({0, 0, 7'999}, kMean), RateVerdict::kTooFew);
  const RateSample rich{.amount = 700'000, .events = 700'000, .impressions = 700'000};
  EXPECT_EQ(verdict({0, 0, 1'000}, rich), RateVerdict::kOff);
  EXPECT_EQ(verdict({0, 0, 999}, rich), RateVerdict::kTooFew);
}

TEST(RateChange, WithoutAMeanThereIsNothingToBeOffFrom) {
  EXPECT_EQ(verdict({500, 500, 10'000}, {}), RateVerdict::kTooFew);
  EXPECT_EQ(verdict({500, 500, 10'000}, {.amount = -5, .events = 35'000, .impressions = 700'000}), RateVerdict::kTooFew)
      << "revenue may be negative, with reversals";
  EXPECT_EQ(verdict({}, {}), RateVerdict::kTooFew);
}

TEST(RateChange, LargeCountsDoNotOverflow) {
  constexpr std::int64_t kLarge = 200'000'000'000'000'000;
  EXPECT_EQ(verdict({kLarge, kLarge, kLarge}, {kLarge, kLarge, kLarge}), RateVerdict::kSteady);
  EXPECT_EQ(verdict({0, 0, kLarge}, {kLarge, kLarge, kLarge}), RateVerdict::kOff);
}

insights::RateFigures figures(std::int64_t impressions, std::int64_t clicks) {
  insights::RateFigures made;
  made.slug = "home-top";
  made.impressions = impressions;
  made.clicks = clicks;
  return made;
}

TEST(RateChange, FindsWhatIsOffPerSubjectAndCurrency) {
  const std::pair<std::string, std::string> home = {"placement", "id-1"};
  insights::SubjectFigures before = {{home, figures(700'000, 35'000)}, {{"partner", "id-2"}, figures(500, 20)}};
  before[home].by_currency["EUR"] = {.conversions = 28'000, .revenue_minor = 7'000'000};  // 100.00 EUR per mille
  before[home].by_currency["USD"] = {.conversions = 70, .revenue_minor = 7'000};
  insights::SubjectFigures now = {{home, figures(10'000, 500)}};
  now[home].by_currency["EUR"] = {.conversions = 300, .revenue_minor = 70'000};  // 70.00: 30 % below
  const RateFindings found = find_changed_rates(now, before, kLimits);
  EXPECT_EQ(found.compared, 2) << "CTR and RPM in EUR";
  EXPECT_EQ(found.too_few, 2) << "RPM in USD, and the partner's CTR";
  ASSERT_EQ(found.occurrences.size(), 1U);
  const alerts::Occurrence& occurrence = found.occurrences[0];
  EXPECT_EQ(occurrence.dedupe_key, "rates:rpm.EUR:placement:id-1");
  EXPECT_EQ(occurrence.subject, "placement:id-1");
  EXPECT_THAT(occurrence.summary,
              HasSubstr("RPM of placement home-top was 70.0000 EUR in the last 24 hours, 30.0 % below its mean of "
                        "100.0000 EUR over the 7 days before"));
  EXPECT_EQ(occurrence.evidence,
            R"({"rate":"rpm.EUR","change_per_mille":-300,)"
            R"("last_24_hours":{"amount":70000,"events":300,"impressions":10000},)"
            R"("seven_days_before":{"amount":7000000,"events":28000,"impressions":700000}})");
}

TEST(RateChange, ASubjectThatIsSilentTodayIsNotCompared) {
  const insights::SubjectFigures before = {{{"placement", "id-1"}, figures(700'000, 35'000)}};
  const RateFindings found = find_changed_rates({}, before, kLimits);
  EXPECT_TRUE(found.occurrences.empty());
  EXPECT_EQ(found.too_few, 1);
}

}  // namespace
}  // namespace tallystick::server
