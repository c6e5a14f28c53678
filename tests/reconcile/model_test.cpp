#include "reconcile/model.h"

#include <limits>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace tallystick::reconcile {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

TEST(Variance, PercentRoundsHalfToEven) {
  EXPECT_EQ((Variance{0, 1}).percent(), "0.00");
  EXPECT_EQ((Variance{247, 10'000}).percent(), "2.47");
  EXPECT_EQ((Variance{2'465, 100'000}).percent(), "2.46");  // 2.465: to the even 2.46
  EXPECT_EQ((Variance{2'475, 100'000}).percent(), "2.48");  // 2.475: to the even 2.48
  EXPECT_EQ((Variance{2'475'001, 100'000'000}).percent(), "2.48");
  EXPECT_EQ((Variance{1, 3}).percent(), "33.33");
  EXPECT_EQ((Variance{2, 3}).percent(), "66.67");
  EXPECT_EQ((Variance{5, 5}).percent(), "100.00");
  EXPECT_EQ((Variance{7, 4}).percent(), "175.00");  // amounts of different signs
  EXPECT_EQ((Variance{kLargest, kLargest}).percent(), "100.00");
  EXPECT_EQ((Variance{kLargest, 1}).percent(), "922337203685477580700.00");
}

TEST(Variance, ExceedsWithoutRounding) {
  EXPECT_FALSE((Variance{2, 100}).exceeds(200));
  EXPECT_TRUE((Variance{200'001, 10'000'000}).exceeds(200));
  EXPECT_FALSE((Variance{0, 1}).exceeds(0));
  EXPECT_TRUE((Variance{1, kLargest}).exceeds(0));
  EXPECT_TRUE((Variance{kLargest, kLargest}).exceeds(9'999));
  EXPECT_FALSE((Variance{kLargest, kLargest}).exceeds(10'000));
}

TEST(Names, AreStableAndDiffer) {
  std::set<std::string_view> causes;
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    causes.insert(name_of(static_cast<Cause>(i)));
  }
  EXPECT_EQ(causes,
            (std::set<std::string_view>{"time_zone",
                                        "late_row",
                                        "period_cut",
                                        "invalid_traffic",
                                        "duplicate_theirs",
                                        "duplicate_ours",
                                        "reversal",
                                        "pending",
                                        "missing_sub_id",
                                        "missing_conversion",
                                        "currency",
                                        "rounding",
                                        "tolerance",
                                        "unexplained"}));
  EXPECT_EQ(name_of(MatchRule::kClickId), "click_id");
  EXPECT_EQ(name_of(MatchRule::kOrderId), "order_id");
  EXPECT_EQ(name_of(MatchRule::kAssignment), "assignment");
  EXPECT_EQ(name_of(Status::kPending), "pending");
  EXPECT_EQ(name_of(Status::kApproved), "approved");
  EXPECT_EQ(name_of(Status::kPaid), "paid");
  EXPECT_EQ(name_of(Status::kReversed), "reversed");
}

}  // namespace
}  // namespace tallystick::reconcile
