#include "cli/settle_command.h"

#include <gtest/gtest.h>

namespace tallystick::cli {
namespace {

std::string month_at(std::string_view text, std::string_view now) {
  const auto month = parse_settle_month(text, base::parse_rfc3339(now).value());
  return month ? base::format_date(month->first) + " " + base::format_date(month->last) : month.error().code;
}

TEST(SettleMonth, IsTheLastThatEndedThreeDaysAgoOrTheOneThatIsNamed) {
  EXPECT_EQ(month_at("", "2026-11-28T12:00:00Z"), "2026-10-01 2026-10-31");
  EXPECT_EQ(month_at("", "2026-12-03T23:59:59Z"), "2026-10-01 2026-10-31");
  EXPECT_EQ(month_at("", "2026-12-04T00:00:00Z"), "2026-11-01 2026-11-30");
  EXPECT_EQ(month_at("", "2027-01-31T00:00:00Z"), "2026-12-01 2026-12-31");
  EXPECT_EQ(month_at("2024-02", "2026-11-28T12:00:00Z"), "2024-02-01 2024-02-29");
  EXPECT_EQ(month_at("2026-11", "2026-12-03T23:59:59Z"), "month_not_over");
  for (const char* wrong : {"2026", "2026-13", "2026-1", "2026-10-01", "October"}) {
    EXPECT_EQ(month_at(wrong, "2026-11-28T12:00:00Z"), "bad_month") << wrong;
  }
}

}  // namespace
}  // namespace tallystick::cli
