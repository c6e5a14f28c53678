#include "warehouse/revised_classes.h"

#include <gtest/gtest.h>

namespace tallystick::warehouse {
namespace {

using enum journal::VerdictClass;

TEST(RevisedClasses, KnowsEventsThatCameAfterItBeganAndThoseItWasToldOf) {
  RevisedClasses classes(100);
  EXPECT_FALSE(classes.knows(99)) << "a loader before this one may have revised it";
  EXPECT_TRUE(classes.knows(100));
  EXPECT_EQ(classes.find(100), std::nullopt);
  classes.remember(99, kSivt);
  EXPECT_TRUE(classes.knows(99));
  EXPECT_EQ(classes.find(99), kSivt);
  classes.remember(99, kValid);
  EXPECT_EQ(classes.find(99), kValid);
}

TEST(RevisedClasses, ForgetsWhenThereAreMany) {
  RevisedClasses classes(0);
  constexpr std::uint64_t kMany = 1'000'001;
  for (std::uint64_t sequence = 0; sequence < kMany; ++sequence) {
    classes.remember(sequence, kGivt);
  }
  EXPECT_EQ(classes.find(7), kGivt);
  classes.begin(2 * kMany);
  EXPECT_FALSE(classes.knows(7));
  EXPECT_FALSE(classes.knows(2 * kMany - 1));
  EXPECT_TRUE(classes.knows(2 * kMany));
}

}  // namespace
}  // namespace tallystick::warehouse
