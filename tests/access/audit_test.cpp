#include "access/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/database_test.h"

namespace tallystick::access {
namespace {

using base::Result;

class AuditTrail : public support::DatabaseTest {
 protected:
  Result<bool> change(const std::string& action, const std::string& actor, bool succeeds = true) {
    return database().write<bool>([&](soci::session& session) -> Result<bool> {
      TALLY_TRY(log_.append(session,
                            {action, "partner:1", R"({"status":"active"})", R"({"status":"paused"})"},
                            {actor, "fraud suspected", "request-7"}));
      if (!succeeds) {
        return base::fail(base::ErrorKind::kConflict, "version_conflict", "changed meanwhile");
      }
      return true;
    });
  }
  std::vector<AuditEntry> list(const AuditFilter& filter = {}) { return *AuditLog::list(database(), filter, "", 100); }

  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  base::SeededRandom random_{1};
  AuditLog log_{clock_, random_};
};

TEST_P(AuditTrail, EntryHasActorReasonBeforeAfterRequestAndTime) {
  ASSERT_TRUE(change("partner.pause", "key:1"));
  const auto entries = list();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].context.actor, "key:1");
  EXPECT_EQ(entries[0].context.reason, "fraud suspected");
  EXPECT_EQ(entries[0].context.request_id, "request-7");
  EXPECT_EQ(entries[0].change.before, R"({"status":"active"})");
  EXPECT_EQ(entries[0].change.after, R"({"status":"paused"})");
  EXPECT_EQ(entries[0].occurred_at.us, 1'700'000'000'000'000);
  EXPECT_EQ(entries[0].digest, digest_of(entries[0]));
}

TEST_P(AuditTrail, ChangeThatFailsLeavesNoEntry) {
  ASSERT_FALSE(change("partner.pause", "key:1", false));
  EXPECT_TRUE(list().empty());
}

TEST_P(AuditTrail, ListsNewestFirstAndFilters) {
  ASSERT_TRUE(change("partner.create", "key:1"));
  clock_.advance_us(base::kMicrosPerSecond);
  ASSERT_TRUE(change("partner.pause", "key:2"));
  const auto all = list();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].change.action, "partner.pause");
  EXPECT_EQ(list({.actor = "key:1"}).size(), 1U);
  EXPECT_EQ(list({.action = "partner.pause"}).size(), 1U);
  EXPECT_EQ(list({.subject = "partner:2"}).size(), 0U);
  EXPECT_EQ(list({.from = clock_.now()}).size(), 1U);
  EXPECT_EQ(list({.to = clock_.now()}).size(), 1U);
  const auto second_page = AuditLog::list(database(), {}, base::format_uuid(all[0].id), 10);
  ASSERT_EQ(second_page->size(), 1U);
  EXPECT_EQ((*second_page)[0].change.action, "partner.create");
}

TEST_P(AuditTrail, OutboxDeliversEachDigestOnceAndKeepsWhatWasRefused) {
  ASSERT_TRUE(change("partner.create", "key:1"));
  clock_.advance_us(base::kMicrosPerSecond);
  ASSERT_TRUE(change("partner.pause", "key:1"));
  std::vector<crypto::Digest> delivered;
  const auto refuse_second = [&](const base::Uuid&, const crypto::Digest& digest) -> Result<void> {
    if (delivered.size() == 1) {
      return base::fail(base::ErrorKind::kUnavailable, "journal_busy", "later");
    }
    delivered.push_back(digest);
    return {};
  };
  EXPECT_FALSE(AuditLog::drain_outbox(database(), refuse_second));
  const auto accept = [&](const base::Uuid&, const crypto::Digest& digest) -> Result<void> {
    delivered.push_back(digest);
    return {};
  };
  EXPECT_EQ(*AuditLog::drain_outbox(database(), accept), 1U);
  EXPECT_EQ(*AuditLog::drain_outbox(database(), accept), 0U);
  const auto entries = list();
  EXPECT_THAT(delivered, testing::ElementsAre(entries[1].digest, entries[0].digest));
}

TALLY_ON_BOTH_DATABASES(AuditTrail);

TEST(AuditDigest, EveryMemberChangesIt) {
  AuditEntry entry;
  entry.context = {"a", "b", "c"};
  entry.change = {"d", "e", "f", "g"};
  const auto before = digest_of(entry);
  for (std::string* text : {&entry.context.actor,
                            &entry.context.reason,
                            &entry.context.request_id,
                            &entry.change.action,
                            &entry.change.subject,
                            &entry.change.before,
                            &entry.change.after}) {
    *text += "x";
    EXPECT_NE(digest_of(entry), before);
    text->pop_back();
  }
  // The lengths keep "ab","c" apart from "a","bc".
  AuditEntry shifted = entry;
  shifted.context.actor = "ab";
  shifted.context.reason = "";
  EXPECT_NE(digest_of(shifted), before);
}

}  // namespace
}  // namespace tallystick::access
