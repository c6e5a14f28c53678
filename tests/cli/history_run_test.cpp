#include "cli/history_run.h"

#include <set>

#include <gtest/gtest.h>

#include "crypto/ed25519.h"
#include "journal/codec.h"
#include "tests/cli/history_fixture.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::cli {
namespace {

using journal::RecordKind;

class HistoryRunTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.directory = folder_.path() / "journal";
    open();
  }

  void open() {
    journal_.reset();
    auto opened = journal::Journal::open(options_, clock_, random_, key_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = *std::move(opened);
  }
  base::Result<HistoryOutcome> write(std::uint64_t events, std::uint64_t seed = 1) {
    const HistorySettings settings{
        .seed = seed, .from = clock_.now() - 30 * base::kMicrosPerDay, .until = clock_.now(), .events = events};
    const HistoryPeople people(settings.seed, 200, pepper_);
    return write_history(*journal_, world_, settings, people, random_, [](std::uint64_t) {});
  }

  support::TemporaryDirectory folder_;
  base::ManualClock clock_{{1'795'000'000'000'000}};
  base::SystemRandom random_;
  crypto::Ed25519Key key_{crypto::Ed25519Seed{7}};
  crypto::HmacKey pepper_{std::array<std::uint8_t, 4>{1, 2, 3, 4}};
  HistoryWorld world_ = make_test_world();
  journal::Options options_;
  std::unique_ptr<journal::Journal> journal_;
};

// Counts the log anew, by what is in it alone.
struct Recount {
  HistoryTally tally;
  std::uint64_t records = 0;
  std::set<std::uint64_t> clicks = {};
  std::set<std::uint64_t> confirmed = {};
};

void count_forwarding(const journal::Record& record, Recount& recount) {
  std::vector<std::uint64_t> sequences;
  const auto forwarding = journal::decode_forwarding(record.fields, sequences).value();
  recount.tally.count_forwarding(forwarding.state, sequences.size());
  for (const std::uint64_t sequence : sequences) {
    EXPECT_TRUE(recount.clicks.contains(sequence)) << "a click before it";
    EXPECT_TRUE(recount.confirmed.insert(sequence).second) << "once";
  }
}

TEST_F(HistoryRunTest, TheLogHoldsWhatTheTallySays) {
  const auto outcome = write(20'000);
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_TRUE(journal_->make_checkpoint());
  Recount recount{.tally = HistoryTally(world_)};
  const auto reader = journal_->make_reader(0);
  journal::Record record;
  base::Timestamp before{0};
  std::array<HistoryClasses, 3> classes{};
  std::uint64_t revisions = 0;
  while (reader->next(record, 0).value()) {
    EXPECT_GE(record.received_at, before);
    before = record.received_at;
    ++recount.records;
    switch (record.kind) {
      case RecordKind::kImpression:
        ++classes[0][static_cast<std::size_t>(journal::decode_impression(record.fields).value().verdict.klass)];
        break;
      case RecordKind::kClick:
        ++classes[1][static_cast<std::size_t>(journal::decode_click(record.fields).value().verdict.klass)];
        recount.clicks.insert(record.sequence);
        break;
      case RecordKind::kConversion:
        ++classes[2][static_cast<std::size_t>(journal::decode_conversion(record.fields).value().verdict.klass)];
        break;
      case RecordKind::kForwarding:
        count_forwarding(record, recount);
        break;
      default:
        ASSERT_EQ(record.kind, RecordKind::kVerdictRevision);
        ++revisions;
        EXPECT_LT(journal::decode_verdict_revision(record.fields).value().sequence, record.sequence);
        break;
    }
  }
  const HistoryTally& tally = outcome->tally;
  EXPECT_EQ(tally.events(), 20'000U);
  EXPECT_EQ(recount.records, outcome->records);
  for (std::size_t kind = 0; kind < kHistoryKinds; ++kind) {
    EXPECT_EQ(classes[kind], tally.kinds[kind].recorded);
    EXPECT_EQ(gross_of(tally.kinds[kind].effective), gross_of(tally.kinds[kind].recorded));
  }
  EXPECT_EQ(revisions, tally.revisions);
  EXPECT_GT(revisions, 0U);
  EXPECT_EQ(recount.tally.clicks_forwarded, tally.clicks_forwarded);
  EXPECT_EQ(recount.tally.clicks_failed, tally.clicks_failed);
  EXPECT_EQ(recount.confirmed.size(), recount.clicks.size());
}

TEST_F(HistoryRunTest, ARevisionNamesTheRecordAndTheIdOfTheEventItRevises) {
  ASSERT_TRUE(write(5'000));
  std::vector<std::pair<base::Uuid, RecordKind>> records;
  const auto reader = journal_->make_reader(0);
  journal::Record record;
  std::size_t revisions = 0;
  while (reader->next(record, 0).value()) {
    records.emplace_back(record.event_id, record.kind);
    if (record.kind == RecordKind::kVerdictRevision) {
      const auto revision = journal::decode_verdict_revision(record.fields).value();
      EXPECT_EQ(records.at(revision.sequence), std::pair(revision.event_id, revision.event_kind));
      ++revisions;
    }
  }
  EXPECT_GT(revisions, 0U);
}

TEST_F(HistoryRunTest, OldIdsAreNotRememberedAndYoungOnesAreAlsoAfterAnOpening) {
  const auto outcome = write(20'000);
  ASSERT_TRUE(outcome);
  // Of 30 days the memory keeps clicks and conversions of one day, impressions of 12 minutes.
  const std::uint64_t remembered = journal_->statistics().remembered_ids;
  EXPECT_GT(remembered, 0U);
  EXPECT_LT(remembered, 200U);
  open();
  EXPECT_EQ(journal_->statistics().remembered_ids, remembered);
  EXPECT_EQ(journal_->size(), outcome->records);
}

TEST_F(HistoryRunTest, TheSameHistoryIsNotWrittenTwice) {
  ASSERT_TRUE(write(1'000));
  const std::uint64_t size = journal_->size();
  EXPECT_EQ(write(1'000).error().code, "history_exists");
  EXPECT_EQ(journal_->size(), size);
  EXPECT_TRUE(write(1'000, 2));
}

}  // namespace
}  // namespace tallystick::cli
