#include "insights/recent_answers.h"

#include <string>

#include <gtest/gtest.h>

namespace tallystick::insights {
namespace {

std::shared_ptr<const warehouse::Rows> some_rows() {
  return std::make_shared<const warehouse::Rows>();
}

TEST(RecentAnswers, AreGoodForASecondFromWhenTheyWereAskedFor) {
  base::ManualClock clock{base::Timestamp{1'790'000'000'000'000}};
  RecentAnswers answers(clock);
  EXPECT_EQ(answers.find("names"), nullptr);
  const auto rows = some_rows();
  const std::int64_t asked_us = answers.now_us();
  clock.advance_us(300'000);  // the warehouse took its time
  answers.keep("names", rows, asked_us);
  clock.advance_us(RecentAnswers::kLifetimeUs - 300'001);
  EXPECT_EQ(answers.find("names"), rows);
  EXPECT_EQ(answers.find("links"), nullptr);
  clock.advance_us(1);
  EXPECT_EQ(answers.find("names"), nullptr);
}

TEST(RecentAnswers, AreBounded) {
  base::ManualClock clock{base::Timestamp{1'790'000'000'000'000}};
  RecentAnswers answers(clock);
  for (int i = 0; i < 300; ++i) {
    answers.keep(std::to_string(i), some_rows(), answers.now_us());
  }
  EXPECT_NE(answers.find("0"), nullptr);
  EXPECT_EQ(answers.find("299"), nullptr) << "no room while the others are good";
  clock.advance_us(RecentAnswers::kLifetimeUs);
  answers.keep("299", some_rows(), answers.now_us());
  EXPECT_NE(answers.find("299"), nullptr);
}

}  // namespace
}  // namespace tallystick::insights
