#include "warehouse/recovery.h"

#include <array>

#include <gtest/gtest.h>

#include "warehouse/load_statements.h"

namespace tallystick::warehouse {
namespace {

TEST(RecoveryPlan, AnEmptyWarehouseIsLoadedFromTheFirstRecord) {
  EXPECT_EQ(make_recovery_plan({}), RecoveryPlan{});
}

TEST(RecoveryPlan, ABatchThatIsDoneIsGoneOnFrom) {
  const Position done{.version = 8, .state = PositionState::kDone, .first = 100, .end = 250, .frontier = {77}};
  EXPECT_EQ(make_recovery_plan(done), (RecoveryPlan{.load_from = 250, .last_version = 8, .frontier = {77}}));
}

TEST(RecoveryPlan, ABatchThatWasBegunIsTakenBackAndLoadedAgain) {
  const Position begun{.version = 9,
                       .state = PositionState::kBegun,
                       .first = 250,
                       .end = 300,
                       .days = {20'000, 20'001},
                       .frontier = {77}};
  EXPECT_EQ(make_recovery_plan(begun),
            (RecoveryPlan{
                .load_from = 250, .last_version = 9, .takes_back = true, .days = {20'000, 20'001}, .frontier = {77}}));
}

TEST(RecoveryPlan, VersionsAscendEvenWhenTheClockGoesBack) {
  base::ManualClock clock({1'000});
  EXPECT_EQ(next_version(7, clock), 1'000U);
  EXPECT_EQ(next_version(1'000, clock), 1'001U);
  clock.set({500});
  EXPECT_EQ(next_version(1'001, clock), 1'002U);
}

TEST(LoadStatements, NameLogAndSequenceAndNothingElse) {
  const Layout layout("t_1", "");
  EXPECT_EQ(make_take_back(layout, "clicks", 7, 250),
            "ALTER TABLE `t_1`.`clicks` DELETE WHERE log_id = 7 AND sequence >= 250");
  EXPECT_EQ(make_list_condition("sequence", std::array<std::uint64_t, 3>{4, 9, 11}), "sequence IN (4,9,11)");
  EXPECT_EQ(
      make_erase(layout, "clicks", 7, "sequence IN (4)"),
      "ALTER TABLE `t_1`.`clicks` UPDATE user = 0, session = 0 WHERE log_id = 7 AND (user != 0 OR session != 0) AND "
      "sequence IN (4)");
  EXPECT_EQ(make_load_query_id(layout, 0xAB, 250, "clicks"), "load-t_1-000000ab-250-clicks");
}

}  // namespace
}  // namespace tallystick::warehouse
