#include "insights/recent_answers.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tallystick::insights {
namespace {

warehouse::Rows rows_of(int number) {
  return *warehouse::Rows::parse(
      fmt::format(R"({{"meta":[{{"name":"number","type":"Int64"}}],"data":[[{}]]}})", number));
}

base::Result<warehouse::Rows> no_rows() {
  return *warehouse::Rows::parse(R"({"meta":[{"name":"number","type":"Int64"}],"data":[]})");
}

std::unexpected<base::Error> gone() {
  return base::fail(base::ErrorKind::kUnavailable, "warehouse_unavailable", "gone");
}

// Answers 1, 2, 3 ...
struct Numbers {
  std::atomic<int> asked{0};

  RecentAnswers::Ask ask() {
    return [this] {
      return base::Result<warehouse::Rows>(rows_of(++asked));
    };
  }
};

std::int64_t number_of(const base::Result<RecentAnswers::SharedRows>& answer) {
  return answer && !(*answer)->empty() ? (*answer)->integer(0, "number") : -1;
}

bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 6'000; ++i) {
    if (condition()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

struct RecentAnswersTest : testing::Test {
  base::ManualClock clock{base::Timestamp{1'790'000'000'000'000}};
  RecentAnswers answers{clock};
  Numbers numbers;
};

TEST_F(RecentAnswersTest, AreGoodForASecondFromWhenTheyWereAskedFor) {
  EXPECT_EQ(number_of(answers.get("names",
                                  [this] {
                                    clock.advance_us(300'000);  // the warehouse took its time
                                    return base::Result<warehouse::Rows>(rows_of(++numbers.asked));
                                  })),
            1);
  clock.advance_us(RecentAnswers::kFreshUs - 300'001);
  EXPECT_EQ(number_of(answers.get("names", numbers.ask())), 1);
  EXPECT_EQ(numbers.asked, 1);
  EXPECT_EQ(number_of(answers.get("links", numbers.ask())), 2);
}

TEST_F(RecentAnswersTest, AreAskedForAgainOnceWhileTheOldOnesAreGivenOut) {
  ASSERT_EQ(number_of(answers.get("names", numbers.ask())), 1);
  clock.advance_us(RecentAnswers::kFreshUs);
  std::promise<void> may_answer;
  const RecentAnswers::Ask slow = [this, wait = may_answer.get_future().share()] {
    wait.wait();
    return base::Result<warehouse::Rows>(rows_of(++numbers.asked));
  };
  EXPECT_EQ(number_of(answers.get("names", slow)), 1);
  EXPECT_EQ(number_of(answers.get("names", numbers.ask())), 1) << "it is being asked for";
  EXPECT_EQ(numbers.asked, 1);
  may_answer.set_value();
  EXPECT_TRUE(comes_true([this] { return number_of(answers.get("names", numbers.ask())) == 2; }));
  clock.advance_us(RecentAnswers::kFreshUs - 1);
  EXPECT_EQ(number_of(answers.get("names", numbers.ask())), 2) << "the new one is as good for as long";
  EXPECT_EQ(numbers.asked, 2);
}

TEST_F(RecentAnswersTest, AreNotGivenOutWhenTheyAreOld) {
  ASSERT_EQ(number_of(answers.get("names", numbers.ask())), 1);
  clock.advance_us(RecentAnswers::kUsableUs);
  EXPECT_EQ(number_of(answers.get("names", numbers.ask())), 2);
  clock.advance_us(RecentAnswers::kUsableUs);
  const auto failed = answers.get("names", [] { return gone(); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "warehouse_unavailable");
}

TEST_F(RecentAnswersTest, SurviveAFailureMeanwhile) {
  ASSERT_EQ(number_of(answers.get("names", numbers.ask())), 1);
  clock.advance_us(RecentAnswers::kFreshUs);
  std::atomic<int> failures{0};
  const auto fail = [&failures]() -> base::Result<warehouse::Rows> {
    ++failures;
    return gone();
  };
  const auto collapse = [&failures]() -> base::Result<warehouse::Rows> {
    ++failures;
    throw std::bad_alloc();
  };
  EXPECT_EQ(number_of(answers.get("names", fail)), 1);
  EXPECT_TRUE(comes_true([&] { return failures == 1; }));
  EXPECT_TRUE(comes_true([&] { return number_of(answers.get("names", collapse)) == 1 && failures >= 2; }))
      << "after a failure it is asked for again";
  EXPECT_TRUE(comes_true([&] { return number_of(answers.get("names", numbers.ask())) == 2; }));
}

TEST_F(RecentAnswersTest, WithoutRowsAreNotKept) {
  EXPECT_EQ(number_of(answers.get("names", no_rows)), -1);
  EXPECT_EQ(number_of(answers.get("names", numbers.ask())), 1);
  clock.advance_us(RecentAnswers::kFreshUs);
  EXPECT_EQ(number_of(answers.get("names", no_rows)), 1);
  EXPECT_TRUE(comes_true([this] { return number_of(answers.get("names", numbers.ask())) == 2; }))
      << "what has no rows any more is forgotten";
}

TEST_F(RecentAnswersTest, AreBounded) {
  for (int i = 0; i < 300; ++i) {
    (void)answers.get(std::to_string(i), numbers.ask());
  }
  EXPECT_EQ(number_of(answers.get("0", numbers.ask())), 1);
  EXPECT_EQ(number_of(answers.get("299", numbers.ask())), 301) << "no room while the others are good";
  clock.advance_us(RecentAnswers::kUsableUs);
  EXPECT_EQ(number_of(answers.get("299", numbers.ask())), 302);
  EXPECT_EQ(number_of(answers.get("299", numbers.ask())), 302);
}

}  // namespace
}  // namespace tallystick::insights
