#include "journal/writer.h"

#include <thread>

#include "tests/journal/failing_files.h"
#include "tests/journal/journal_fixture.h"

namespace tallystick::journal {
namespace {

class WriterTest : public JournalTest {
 protected:
  void open_failing() {
    journal_.reset();
    auto opened = Journal::open_on(std::make_unique<FailingFiles>(faults_), options_, clock_, random_, key_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = *std::move(opened);
  }
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
};

TEST_F(WriterTest, FullDiskFailsAppendsAndServiceResumesByItself) {
  for (const SyncMode mode : {SyncMode::kAlways, SyncMode::kInterval}) {
    options_.directory = directory_.path() / (mode == SyncMode::kAlways ? "always" : "interval");
    options_.sync = mode;
    open_failing();
    for (std::uint64_t i = 0; i < 10; ++i) {
      ASSERT_TRUE(append(i));
    }
    faults_->room_bytes = 100;  // less than a group: written short
    const auto failed = append(10);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, "disk_full");
    EXPECT_EQ(failed.error().kind, base::ErrorKind::kUnavailable);
    EXPECT_TRUE(journal_->statistics().is_disk_full);
    EXPECT_FALSE(append(10));
    faults_->room_bytes = INT64_MAX;
    EXPECT_EQ(append(10).value(), 10U);  // not a duplicate: it was never in the log
    EXPECT_FALSE(journal_->statistics().is_disk_full);
    EXPECT_EQ(append(3).value(), 3U);
    ASSERT_TRUE(journal_->make_checkpoint());
    EXPECT_EQ(read_ids().size(), 11U);
    open();
    EXPECT_EQ(journal_->size(), 11U);
    EXPECT_EQ(append(10).value(), 10U);
  }
}

TEST_F(WriterTest, FullDiskWhileASegmentIsMadeResumesToo) {
  options_.segment_bytes = 1000;
  open_failing();
  std::uint64_t appended = 0;
  for (std::int64_t room = 0; room < 400; room += 37) {
    for (int i = 0; i < 7; ++i) {
      ASSERT_EQ(append(appended).value(), appended);
      ++appended;
    }
    faults_->room_bytes = room;
    bool has_failed = false;
    for (int i = 0; i < 12 && !has_failed; ++i) {
      const auto result = append(appended);
      has_failed = !result;
      appended += has_failed ? 0 : 1;
    }
    EXPECT_TRUE(has_failed);
    faults_->room_bytes = INT64_MAX;
  }
  EXPECT_EQ(append(appended).value(), appended);
  EXPECT_EQ(read_ids().size(), appended + 1);
  open();
  EXPECT_EQ(journal_->size(), appended + 1);
}

TEST_F(WriterTest, FailedWriteIsTakenBack) {
  open_failing();
  ASSERT_TRUE(append(1));
  faults_->is_write_failing = true;
  EXPECT_EQ(append(2).error().code, "journal_write_failed");
  faults_->is_write_failing = false;
  EXPECT_EQ(append(2).value(), 1U);
  open();
  EXPECT_EQ(read_ids(), (std::vector{id_of(1), id_of(2)}));
}

TEST_F(WriterTest, StopsWhenAFailedWriteCannotBeTakenBack) {
  open_failing();
  ASSERT_TRUE(append(1));
  faults_->is_write_failing = true;
  faults_->is_truncate_failing = true;
  EXPECT_FALSE(append(2));
  faults_->is_write_failing = false;
  EXPECT_EQ(append(3).error().code, "journal_failed");
  open();
  EXPECT_EQ(read_ids(), std::vector{id_of(1)});
  EXPECT_EQ(append(2).value(), 1U);
}

TEST_F(WriterTest, NeverClaimsDurabilityAfterAFailedSync) {
  open_failing();
  ASSERT_TRUE(append(1));
  faults_->failing_syncs = 1;
  EXPECT_EQ(append(2).error().code, "journal_failed");
  EXPECT_EQ(append(3).error().code, "journal_failed");  // though syncs succeed again
  EXPECT_EQ(journal_->size(), 1U);
  EXPECT_EQ(journal_->make_checkpoint().error().code, "journal_failed");
  open();
  EXPECT_TRUE(append(3));
}

TEST_F(WriterTest, RollsBackWhenTheDiskIsFoundFullAtTheSync) {
  open_failing();
  ASSERT_TRUE(append(1));
  faults_->full_syncs = 1;
  EXPECT_EQ(append(2).error().code, "disk_full");
  EXPECT_EQ(append(2).value(), 1U);
  open();
  EXPECT_EQ(read_ids(), (std::vector{id_of(1), id_of(2)}));
}

// Producers repeat what failed, as a client would, while faults come and go: each event ends up in the log once.
TEST_F(WriterTest, RetriesUnderFaultsStoreEveryEventExactlyOnce) {
  options_.segment_bytes = 40'000;
  open_failing();
  constexpr std::uint64_t kEvents = 600;
  std::atomic<int> running = 3;
  std::vector<std::thread> producers;
  for (std::uint8_t p = 0; p < 3; ++p) {
    producers.emplace_back([&, p] {
      base::SystemRandom random;
      Collector collector;
      for (std::uint64_t i = 0; i < kEvents; i += 6) {
        for (bool is_done = false; !is_done;) {
          auto batch = std::make_unique<Batch>();
          for (std::uint64_t j = i; j < i + 6; ++j) {
            batch->add({RecordKind::kClick, DedupeWindow::kLong, id_of(j, p), clock_.now()}, fields("x"), {}, random);
          }
          journal_->submit(std::move(batch), collector);
          is_done = !collector.wait()->error();
        }
      }
      --running;
    });
  }
  // The next fault comes when the log has grown since the last one.
  const auto reader = journal_->make_reader(0);
  Record record;
  for (std::int64_t turn = 0; running > 0; ++turn) {
    faults_->full_syncs = turn % 2 == 0 ? 1 : 0;
    faults_->room_bytes = turn % 2 == 0 ? INT64_MAX : turn * 37 % 1000;
    std::this_thread::yield();
    faults_->room_bytes = INT64_MAX;
    for (int i = 0; i < 20 && running > 0; ++i) {
      ASSERT_TRUE(reader->next(record, base::kMicrosPerMilli));
    }
  }
  for (std::thread& producer : producers) {
    producer.join();
  }
  faults_->full_syncs = 0;
  open();
  std::vector<base::Uuid> ids = read_ids();
  EXPECT_EQ(ids.size(), 3 * kEvents);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST_F(WriterTest, IdsWhoseWindowHasPassedAreWrittenAndNotRemembered) {
  open();
  RecordHeader old = header(1);
  old.received_at = clock_.now() - options_.long_window_us;
  EXPECT_EQ(journal_->append(old, fields("old"), {}).value(), 0U);
  EXPECT_EQ(journal_->statistics().remembered_ids, 0U);
  old.received_at = old.received_at + 1;  // within it, for a microsecond more
  EXPECT_EQ(journal_->append(old, fields("old"), {}).value(), 1U);
  EXPECT_EQ(journal_->statistics().remembered_ids, 1U);
  EXPECT_EQ(journal_->append(old, fields("old"), {}).value(), 1U) << "a duplicate";
  open();
  EXPECT_EQ(journal_->size(), 2U);
  EXPECT_EQ(journal_->statistics().remembered_ids, 1U);
}

}  // namespace
}  // namespace tallystick::journal
