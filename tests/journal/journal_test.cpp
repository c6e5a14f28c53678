#include "journal/journal.h"

#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include "base/encoding.h"
#include "base/file.h"
#include "journal/checkpoint.h"
#include "journal/crc32c.h"
#include "journal/frame.h"
#include "journal/id_index.h"
#include "journal/receipt.h"
#include "tests/journal/journal_fixture.h"

namespace tallystick::journal {
namespace {

TEST_F(JournalTest, NumbersRecordsAndReadsThemBack) {
  open();
  for (std::uint64_t i = 0; i < 5; ++i) {
    const auto sequence = append(i, personal("u", "s", "agent " + std::to_string(i)));
    ASSERT_TRUE(sequence);
    EXPECT_EQ(*sequence, i);
  }
  EXPECT_EQ(journal_->size(), 5U);
  const auto reader = journal_->make_reader(2);
  Record record;
  ASSERT_TRUE(reader->next(record, 0).value());
  EXPECT_EQ(record.sequence, 2U);
  EXPECT_EQ(record.kind, RecordKind::kClick);
  EXPECT_EQ(record.event_id, id_of(2));
  EXPECT_EQ(record.received_at, clock_.now());
  EXPECT_EQ(decode_click(record.fields)->campaign, "campaign 2");
  EXPECT_EQ(decode_personal(record.personal)->user_agent, "agent 2");
  const auto entry = parse_entry(record.entry);
  ASSERT_TRUE(entry);
  EXPECT_NE(entry->commitment, crypto::Digest{});
}

TEST_F(JournalTest, AnswersDuplicatesWithTheFirstSequence) {
  open();
  ASSERT_EQ(append(7).value(), 0U);
  Collector collector;
  auto batch = std::make_unique<Batch>();
  batch->add(header(7), fields("again"), {}, random_);
  batch->add(header(8), fields("new"), {}, random_);
  batch->add(header(8), fields("twice in one batch"), {}, random_);
  batch->add(header(7, RecordKind::kImpression), {}, {}, random_);  // another kind: another event
  journal_->submit(std::move(batch), collector);
  batch = collector.wait();
  ASSERT_FALSE(batch->error());
  EXPECT_EQ(batch->outcome(0), Outcome::kDuplicate);
  EXPECT_EQ(batch->sequence(0), 0U);
  EXPECT_EQ(batch->outcome(1), Outcome::kAccepted);
  EXPECT_EQ(batch->sequence(1), 1U);
  EXPECT_EQ(batch->outcome(2), Outcome::kDuplicate);
  EXPECT_EQ(batch->sequence(2), 1U);
  EXPECT_EQ(batch->outcome(3), Outcome::kAccepted);
  EXPECT_EQ(journal_->size(), 3U);
  EXPECT_EQ(journal_->statistics().duplicates, 2U);
}

TEST_F(JournalTest, RemembersIdsOverARestartUntilTheirWindowEnds) {
  open();
  ASSERT_TRUE(append(1));
  ASSERT_TRUE(journal_->append(header(2, RecordKind::kImpression), {}, {}));
  clock_.advance_us(11 * base::kMicrosPerMinute);
  open();
  EXPECT_EQ(append(1).value(), 0U);
  EXPECT_EQ(journal_->append(header(2, RecordKind::kImpression), {}, {}).value(), 1U);
  EXPECT_EQ(journal_->size(), 2U);
  clock_.advance_us(2 * base::kMicrosPerMinute);
  EXPECT_EQ(journal_->append(header(2, RecordKind::kImpression), {}, {}).value(), 2U);  // 13 minutes later
  clock_.advance_us(base::kMicrosPerDay);
  open();
  EXPECT_EQ(append(1).value(), 3U);
}

TEST_F(JournalTest, ManyProducersGetEveryRecordExactlyOnce) {
  for (const SyncMode mode : {SyncMode::kAlways, SyncMode::kInterval}) {
    options_.directory = directory_.path() / (mode == SyncMode::kAlways ? "always" : "interval");
    options_.sync = mode;
    options_.sync_interval_us = 2'000;
    options_.segment_bytes = 64 << 10;  // many segments
    open();
    constexpr std::size_t kProducers = 4;
    constexpr std::size_t kBatches = 60;
    constexpr std::size_t kPerBatch = 17;
    std::vector<std::thread> producers;
    std::atomic<std::uint64_t> accepted = 0;
    for (std::size_t p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] {
        Collector collector;
        base::SystemRandom random;
        std::uint64_t last = 0;
        for (std::size_t b = 0; b < kBatches; ++b) {
          auto batch = std::make_unique<Batch>();
          for (std::size_t i = 0; i < kPerBatch; ++i) {
            batch->add({RecordKind::kClick,
                        DedupeWindow::kLong,
                        id_of(b * kPerBatch + i, static_cast<std::uint8_t>(p)),
                        clock_.now()},
                       fields("x"),
                       personal("u", "s", "a"),
                       random);
          }
          journal_->submit(std::move(batch), collector);
          batch = collector.wait();
          ASSERT_FALSE(batch->error());
          for (std::size_t i = 0; i < kPerBatch; ++i) {
            accepted += batch->outcome(i) == Outcome::kAccepted ? 1 : 0;
            ASSERT_GE(batch->sequence(i), last);  // a producer's records keep their order
            last = batch->sequence(i);
          }
        }
      });
    }
    std::vector<base::Uuid> tailed;
    const auto reader = journal_->make_reader(0);
    Record record;
    while (tailed.size() < kProducers * kBatches * kPerBatch) {
      const auto more = reader->next(record, base::kMicrosPerSecond);
      ASSERT_TRUE(more) << more.error().message;
      if (*more) {
        EXPECT_EQ(record.sequence, tailed.size());
        tailed.push_back(record.event_id);
      }
    }
    for (std::thread& producer : producers) {
      producer.join();
    }
    EXPECT_EQ(accepted, kProducers * kBatches * kPerBatch);
    EXPECT_GT(journal_->statistics().segments, 3U);
    std::sort(tailed.begin(), tailed.end());
    EXPECT_EQ(std::unique(tailed.begin(), tailed.end()), tailed.end());
    EXPECT_EQ(journal_->find(id_of(3, 2)).size(), 1U);
    open();
    EXPECT_EQ(journal_->size(), kProducers * kBatches * kPerBatch);
    EXPECT_EQ(journal_->find(id_of(1000, 3)).size(), 1U);
    std::vector<base::Uuid> reread = read_ids();
    std::sort(reread.begin(), reread.end());
    EXPECT_EQ(reread, tailed);
  }
}

TEST_F(JournalTest, CheckpointsCoverEverythingAndStayOverRestarts) {
  const auto verifier = make_verifier_key(options_.origin, key_.public_key());
  std::optional<Checkpoint> before;
  for (std::uint64_t round = 0; round < 3; ++round) {
    open();
    if (before) {
      EXPECT_EQ(open_checkpoint_note(journal_->checkpoint(), verifier)->size, before->size);
      EXPECT_EQ(open_checkpoint_note(journal_->checkpoint(), verifier)->root, before->root);
    }
    for (std::uint64_t i = 0; i < 300; ++i) {
      ASSERT_TRUE(append(round * 300 + i));
    }
    const auto note = journal_->make_checkpoint();
    ASSERT_TRUE(note);
    before = open_checkpoint_note(*note, verifier).value();
    EXPECT_EQ(before->size, (round + 1) * 300);
  }
}

TEST_F(JournalTest, ReceiptsOfClicksVerify) {
  open();
  for (std::uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(append(i, personal("u", "s", "a")));
  }
  const auto receipt = journal_->receipt(id_of(11));
  ASSERT_TRUE(receipt) << receipt.error().message;
  const auto summary = verify_receipt(*receipt, make_verifier_key(options_.origin, key_.public_key()));
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->index, 11U);
  EXPECT_EQ(summary->event_id, id_of(11));
  EXPECT_EQ(journal_->receipt(id_of(99)).error().code, "event_not_found");
}

TEST_F(JournalTest, EntryTilesAreBundlesOfTheHashedBytes) {
  open();
  for (std::uint64_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(append(i));
  }
  ASSERT_TRUE(journal_->make_checkpoint());
  const auto full = journal_->entry_tile(0, 256);
  const auto partial = journal_->entry_tile(1, 44);
  ASSERT_TRUE(full);
  ASSERT_TRUE(partial);
  const std::size_t length = static_cast<std::uint8_t>((*partial)[0]) * 256U + static_cast<std::uint8_t>((*partial)[1]);
  const auto entry = parse_entry(std::string_view(*partial).substr(2, length));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->event_id, id_of(256));
  EXPECT_EQ(journal_->entry_tile(1, 45).error().code, "tile_not_found");
  EXPECT_EQ(journal_->entry_tile(0, 0).error().code, "tile_not_found");
  EXPECT_EQ(journal_->entry_tile(UINT64_MAX / 2, 1).error().code, "tile_not_found");
  EXPECT_EQ(journal_->hash_tile(0, 0, 256)->size(), 256U * 32U);
}

TEST_F(JournalTest, SkipsSegmentsWithoutAKind) {
  options_.segment_bytes = 1;  // a group each
  open();
  for (std::uint64_t number = 0; number < 10; ++number) {
    const bool is_letter = number == 4 || number == 7;
    ASSERT_TRUE(
        journal_->append(header(number, is_letter ? RecordKind::kDeadLetter : RecordKind::kClick), fields("c"), {}));
  }
  const auto expect_both_found = [this] {
    EXPECT_EQ(journal_->skip_without(0, RecordKind::kDeadLetter), 4U);
    EXPECT_EQ(journal_->skip_without(4, RecordKind::kDeadLetter), 4U);
    EXPECT_EQ(journal_->skip_without(5, RecordKind::kDeadLetter), 7U);
    EXPECT_EQ(journal_->skip_without(8, RecordKind::kDeadLetter), 10U);
    EXPECT_EQ(journal_->skip_without(4, RecordKind::kClick), 5U);
    EXPECT_EQ(journal_->skip_without(0, RecordKind::kAudit), 10U);
    EXPECT_EQ(journal_->skip_without(12, RecordKind::kAudit), 12U) << "never back";
  };
  expect_both_found();
  open();  // from the index files
  expect_both_found();
  journal_.reset();
  std::filesystem::remove_all(options_.directory / "index");
  open();  // read from the segments again
  expect_both_found();
}

// An index file of an earlier version says of no kind that there is none.
TEST_F(JournalTest, SkipsNothingWhereKindsAreNotKnown) {
  options_.segment_bytes = 1;
  open();
  ASSERT_TRUE(append(1));
  ASSERT_TRUE(append(2));
  journal_.reset();
  const auto path = options_.directory / "index" / index_name(0);
  std::string index = base::read_file(path, 1 << 20).value();
  ASSERT_EQ(index.substr(10, 2), std::string("\x04\0", 2)) << "bit 2: clicks";
  index.replace(10, 2, 2, '\0');
  const std::uint32_t checksum = crc32c({reinterpret_cast<const std::uint8_t*>(index.data()), 28});
  std::memcpy(index.data() + 28, &checksum, sizeof(checksum));
  ASSERT_TRUE(base::write_file_atomically(path, index, 0600));
  open();
  EXPECT_EQ(journal_->skip_without(0, RecordKind::kDeadLetter), 0U);
  EXPECT_EQ(journal_->skip_without(1, RecordKind::kDeadLetter), 2U);
}

TEST_F(JournalTest, RefusesASecondProcess) {
  open();
  const auto second = try_open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "journal_locked");
}

TEST_F(JournalTest, RefusesMoreThanItMayQueueOrRemember) {
  options_.max_queued_bytes = 1000;
  options_.max_remembered_ids = 3;
  open();
  Collector collector;
  journal_->submit(batch_of(0, 100), collector);
  EXPECT_EQ(collector.wait()->error()->code, "journal_busy");
  journal_->submit(batch_of(0, 3), collector);
  EXPECT_FALSE(collector.wait()->error());
  journal_->submit(batch_of(3, 1), collector);
  EXPECT_EQ(collector.wait()->error()->code, "dedupe_memory_full");
  EXPECT_EQ(journal_->size(), 3U);
  clock_.advance_us(2 * base::kMicrosPerDay);
  journal_->submit(batch_of(3, 1), collector);
  EXPECT_FALSE(collector.wait()->error());
  EXPECT_EQ(journal_->statistics().queued_bytes, 0U);
}

}  // namespace
}  // namespace tallystick::journal
