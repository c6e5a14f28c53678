#include "warehouse/layout.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/event.h"
#include "warehouse/enumerations.h"
#include "warehouse/generation.h"
#include "warehouse/retention.h"

namespace tallystick::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kSchema = R"(-- About it; not a statement.
-- shard: cityHash64(id)
CREATE TABLE IF NOT EXISTS {{create things}} (
  id UUID,
  verdict {{verdict_class}}
) ENGINE = {{engine ReplacingMergeTree(version)}} ORDER BY id {{event_ttl}} {{settings}};

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view v}} TO {{stored sums}} AS
SELECT id FROM {{stored things}} WHERE {{rows}} AND id != {{nil}};
)";

TEST(Layout, OneServerHasTheTableItself) {
  const Layout layout("tallystick_1", "", {.personal_days = 30, .event_days = 10});
  EXPECT_THAT(layout.render(kSchema),
              ElementsAre("CREATE TABLE IF NOT EXISTS `tallystick_1`.`things` (\n"
                          "  id UUID,\n"
                          "  verdict Enum8('valid' = 0, 'suspect' = 1, 'givt' = 2, 'sivt' = 3)\n"
                          ") ENGINE = ReplacingMergeTree(version) ORDER BY id TTL toDateTime(occurred_at) + "
                          "toIntervalDay(10) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1",
                          "CREATE MATERIALIZED VIEW IF NOT EXISTS `tallystick_1`.`v` TO `tallystick_1`.`sums` AS\n"
                          "SELECT id FROM `tallystick_1`.`things` WHERE 1 AND id != "
                          "toUUID('00000000-0000-0000-0000-000000000000')"));
  EXPECT_EQ(layout.stored_table("things"), "`tallystick_1`.`things`");
}

// A table that says {{settings}} is synced with every insert; one that says {{batch_settings}} may leave it to its
// batch's position.
TEST(Layout, WhatBatchesWriteIsSyncedWithEachInsertOrWithTheBatch) {
  const auto settings = [](Durability durability, std::string_view word) {
    return Layout("t_1", "", {}, durability).render_statement(word);
  };
  constexpr std::string_view kSynced = "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1";
  constexpr std::string_view kLater = "SETTINGS fsync_after_insert = 0, fsync_part_directory = 0";
  EXPECT_EQ(settings(Durability::kInsert, "{{settings}}"), kSynced);
  EXPECT_EQ(settings(Durability::kInsert, "{{batch_settings}}"), kSynced);
  EXPECT_EQ(settings(Durability::kBatch, "{{settings}}"), kSynced);
  EXPECT_EQ(settings(Durability::kBatch, "{{batch_settings}}"), kLater);
}

TEST(Layout, AClusterHasReplicatedTablesUnderDistributedOnes) {
  const Layout layout("tallystick_1", "main", {.personal_days = 30, .event_days = 10});
  EXPECT_THAT(layout.render(kSchema),
              ElementsAre("CREATE TABLE IF NOT EXISTS `tallystick_1`.`things_local` ON CLUSTER `main` (\n"
                          "  id UUID,\n"
                          "  verdict Enum8('valid' = 0, 'suspect' = 1, 'givt' = 2, 'sivt' = 3)\n"
                          ") ENGINE = ReplicatedReplacingMergeTree(version) ORDER BY id TTL toDateTime(occurred_at) + "
                          "toIntervalDay(10) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, "
                          "replicated_deduplication_window = 0",
                          "CREATE TABLE IF NOT EXISTS `tallystick_1`.`things` ON CLUSTER `main` AS "
                          "`tallystick_1`.`things_local` ENGINE = Distributed('main', 'tallystick_1', 'things_local', "
                          "cityHash64(id))",
                          "CREATE MATERIALIZED VIEW IF NOT EXISTS `tallystick_1`.`v` ON CLUSTER `main` TO "
                          "`tallystick_1`.`sums_local` AS\n"
                          "SELECT id FROM `tallystick_1`.`things_local` WHERE 1 AND id != "
                          "toUUID('00000000-0000-0000-0000-000000000000')"));
  EXPECT_EQ(layout.stored_table("things"), "`tallystick_1`.`things_local` ON CLUSTER `main`");
  EXPECT_EQ(layout.table("things"), "`tallystick_1`.`things`");
}

TEST(Layout, AStatementIsAboutTheRowsThatItIsToldOf) {
  EXPECT_EQ(Layout("d", "main")
                .render_statement("SELECT id FROM {{table things}} WHERE {{rows}} AND id != {{nil}}", "log_id = 7"),
            "SELECT id FROM `d`.`things` WHERE log_id = 7 AND id != toUUID('00000000-0000-0000-0000-000000000000')");
}

TEST(Layout, RefusesNamesThatCouldEndAQuotation) {
  EXPECT_THROW(Layout("a`b", ""), std::invalid_argument);
  EXPECT_THROW(Layout("a", "c'd"), std::invalid_argument);
  EXPECT_THROW(Layout("", ""), std::invalid_argument);
}

TEST(Layout, RefusesWordsItDoesNotKnow) {
  EXPECT_THROW(static_cast<void>(Layout("a", "").render("SELECT {{nonsense}};\n")), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(Layout("a", "").render("SELECT {{nil;\n")), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(Layout("a", "").render("SELECT 1\n")), std::invalid_argument) << "no semicolon";
  EXPECT_THROW(static_cast<void>(Layout("a", "c").render("CREATE TABLE IF NOT EXISTS {{create t}} (x UInt8);\n")),
               std::invalid_argument)
      << "on a cluster a table must say where its rows live";
}

TEST(Layout, EnumerationsAreTheJournals) {
  const auto expect_member = [](std::string_view type, std::string_view name, int number) {
    EXPECT_THAT(enumeration_type(type), HasSubstr("'" + std::string(name) + "' = " + std::to_string(number)));
  };
  for (int i = 0; i < 4; ++i) {
    expect_member("verdict_class", name_of(static_cast<journal::VerdictClass>(i)), i);
    expect_member("consent_basis", name_of(static_cast<journal::ConsentBasis>(i)), i);
    expect_member("conversion_status", name_of(static_cast<journal::ConversionStatus>(i)), i);
  }
  for (int i = 0; i < 7; ++i) {
    expect_member("agent_class", name_of(static_cast<journal::AgentClass>(i)), i);
  }
  for (int i = 1; i < 4; ++i) {
    expect_member("event_kind", name_of(static_cast<journal::RecordKind>(i)), i);
  }
  EXPECT_EQ(enumeration_type("nothing"), "");
}

TEST(Retention, ChangesOnlyWhatDiffers) {
  const Layout layout("d", "", {.personal_days = 30, .event_days = 730});
  const std::string_view with_both =
      "CREATE TABLE d.clicks (`user` UInt64 TTL toDateTime(received_at) + toIntervalDay(30)) ENGINE = MergeTree TTL "
      "toDateTime(occurred_at) + toIntervalDay(365) SETTINGS x = 1";
  EXPECT_THAT(retention_changes(layout, "clicks", with_both),
              ElementsAre("ALTER TABLE `d`.`clicks` MODIFY TTL toDateTime(occurred_at) + toIntervalDay(730)"));
  const Layout shorter("d", "c", {.personal_days = 7, .event_days = 365});
  EXPECT_THAT(
      retention_changes(shorter, "clicks_local", with_both),
      ElementsAre("ALTER TABLE `d`.`clicks_local` ON CLUSTER `c` MODIFY COLUMN user TTL toDateTime(received_at) + "
                  "toIntervalDay(7), MODIFY COLUMN session TTL toDateTime(received_at) + toIntervalDay(7)"));
  EXPECT_THAT(retention_changes(layout, "partners", "CREATE TABLE d.partners (id UUID) ENGINE = MergeTree"), IsEmpty());
}

TEST(Generation, TheCurrentOneIsTheHighestThatIsReady) {
  EXPECT_EQ(find_current({}), std::nullopt);
  EXPECT_EQ(find_current({{1, false}}), std::nullopt);
  EXPECT_EQ(find_current({{1, true}, {2, true}, {3, false}}), 2U);
  EXPECT_EQ(GenerationNames{.prefix = "acme"}.layout_of(12).database(), "acme_12");
}

}  // namespace
}  // namespace tallystick::warehouse
