#include "server/problem_catalog.h"

#include <gtest/gtest.h>

#include "capture/event_fault.h"

namespace tallystick::server {
namespace {

TEST(ProblemCatalog, ExplainsEveryReasonForWhichAnEventIsRefused) {
  for (std::size_t code = 1; code < capture::kEventCodeCount; ++code) {
    const std::string_view name = capture::name_of(static_cast<capture::EventCode>(code));
    EXPECT_NE(find_problem(name), nullptr) << name;
  }
}

TEST(ProblemCatalog, KnowsNothingOfOtherCodes) {
  EXPECT_EQ(find_problem(""), nullptr);
  EXPECT_EQ(find_problem("<script>"), nullptr);
}

}  // namespace
}  // namespace tallystick::server
