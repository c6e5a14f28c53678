#include "journal/erasure.h"

#include <fstream>

#include "base/encoding.h"
#include "journal/checkpoint.h"
#include "journal/receipt.h"
#include "tests/journal/journal_fixture.h"

namespace tallystick::journal {
namespace {

class ErasureTest : public JournalTest {
 protected:
  bool directory_contains(std::string_view needle) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.directory)) {
      if (entry.is_regular_file()) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        if (bytes.find(needle) != std::string::npos) {
          return true;
        }
      }
    }
    return false;
  }
  static std::string_view bytes_of(const crypto::Digest& digest) { return base::as_text(digest); }
  std::vector<std::uint64_t> erased() {
    std::vector<std::uint64_t> sequences;
    const auto reader = journal_->make_reader(0);
    Record record;
    while (reader->next(record, 0).value()) {
      if (record.is_erased) {
        sequences.push_back(record.sequence);
      }
    }
    return sequences;
  }
};

TEST_F(ErasureTest, LeavesNoByteOfThePersonAndEveryProof) {
  options_.segment_bytes = 2000;
  open();
  ASSERT_TRUE(append(0, personal("anna", "shared", "annas-own-agent")));
  ASSERT_TRUE(append(1, personal("", "annas", "annas-own-agent")));  // before she signed in
  ASSERT_TRUE(append(2, personal("anna", "annas", "annas-own-agent")));
  ASSERT_TRUE(append(3, personal("bert", "shared", "berts-agent")));
  ASSERT_TRUE(append(4, personal("", "shared", "somebodys-agent")));
  for (std::uint64_t i = 5; i < 40; ++i) {
    ASSERT_TRUE(append(i, i % 9 == 0 ? personal("anna", "annas", "annas-own-agent") : std::string()));
  }
  const std::string receipt = journal_->receipt(id_of(2)).value();
  ASSERT_TRUE(directory_contains("annas-own-agent"));
  const auto report = journal_->erase_user(digest_of("anna"));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->records_erased, 7U);  // 0, 1, 2, 9, 18, 27, 36
  EXPECT_EQ(report->records_scanned, 40U);
  EXPECT_EQ(erased(), (std::vector<std::uint64_t>{0, 1, 2, 9, 18, 27, 36}));
  EXPECT_FALSE(directory_contains("annas-own-agent"));
  EXPECT_FALSE(directory_contains(bytes_of(digest_of("anna"))));
  EXPECT_FALSE(directory_contains(bytes_of(digest_of("annas"))));
  EXPECT_TRUE(directory_contains("berts-agent"));
  EXPECT_TRUE(directory_contains("somebodys-agent"));  // the session names two people
  EXPECT_EQ(journal_->size(), 42U);                    // the erasure, and that it is done
  const auto verifier = make_verifier_key(options_.origin, key_.public_key());
  EXPECT_TRUE(verify_receipt(receipt, verifier));
  EXPECT_TRUE(verify_receipt(journal_->receipt(id_of(2)).value(), verifier));
  open();
  EXPECT_EQ(erased().size(), 7U);
  EXPECT_EQ(journal_->erase_user(digest_of("anna"))->records_erased, 0U);
}

TEST_F(ErasureTest, IsJournaledWithTheSequencesAndDone) {
  open();
  ASSERT_TRUE(append(0, personal("anna", "", "a")));
  const auto report = journal_->erase_user(digest_of("anna"));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->erasure_sequence, 1U);
  const auto reader = journal_->make_reader(1);
  Record record;
  ASSERT_TRUE(reader->next(record, 0).value());
  EXPECT_EQ(record.kind, RecordKind::kErasure);
  std::vector<std::uint64_t> sequences;
  ASSERT_TRUE(decode_erasure(record.fields, sequences));
  EXPECT_EQ(sequences, std::vector<std::uint64_t>{0});
  const base::Uuid id = record.event_id;
  ASSERT_TRUE(reader->next(record, 0).value());
  EXPECT_EQ(record.kind, RecordKind::kErasureDone);
  EXPECT_EQ(record.event_id, id);
}

TEST_F(ErasureTest, ABegunErasureIsCarriedOutAtOpening) {
  open();
  for (std::uint64_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(append(i, personal("anna", "", "annas-own-agent")));
  }
  ASSERT_TRUE(journal_->make_checkpoint());
  journal_.reset();
  SystemFiles files;
  ASSERT_TRUE(save_pending_erasure(files, Layout{options_.directory}, {ErasureCause::kPerson, {1, 2}, 0}));
  // The crash came while record 1 was half zeroed.
  std::string bytes;
  {
    std::ifstream in(segment(), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const std::size_t second = bytes.find("annas-own-agent", bytes.find("annas-own-agent") + 1);
  bytes.replace(second, 5, std::string(5, '\0'));
  std::ofstream(segment(), std::ios::binary) << bytes;
  open();
  EXPECT_EQ(erased(), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(journal_->size(), 6U);
  open();
  EXPECT_EQ(journal_->size(), 6U);  // once
}

TEST_F(ErasureTest, RetentionZeroesEverythingOlder) {
  options_.segment_bytes = 3000;
  open();
  for (std::uint64_t i = 0; i < 30; ++i) {
    ASSERT_TRUE(append(i, personal("u", "s", "old-agent")));
    clock_.advance_us(base::kMicrosPerDay);
  }
  const auto report = journal_->erase_before(clock_.now() - 10 * base::kMicrosPerDay);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->records_erased, 20U);
  EXPECT_EQ(erased().size(), 20U);
  EXPECT_EQ(journal_->erase_before(clock_.now() - 10 * base::kMicrosPerDay)->records_erased, 0U);
  open();
  EXPECT_EQ(journal_->erase_before(clock_.now() - 9 * base::kMicrosPerDay)->records_erased, 1U);
}

TEST_F(ErasureTest, DroppedSegmentsLeaveTilesAndOldReceipts) {
  options_.segment_bytes = 3000;
  open();
  for (std::uint64_t i = 0; i < 30; ++i) {
    ASSERT_TRUE(append(i, personal("u", "s", "old-agent")));
    clock_.advance_us(base::kMicrosPerDay);
  }
  ASSERT_TRUE(journal_->make_checkpoint());
  const auto verifier = make_verifier_key(options_.origin, key_.public_key());
  const std::string receipt = journal_->receipt(id_of(0)).value();
  const std::uint64_t segments = journal_->statistics().segments;
  const auto dropped = journal_->drop_segments_before(clock_.now() - 10 * base::kMicrosPerDay);
  ASSERT_TRUE(dropped) << dropped.error().message;
  EXPECT_GE(*dropped, 1U);
  EXPECT_EQ(journal_->statistics().segments, segments - *dropped);
  EXPECT_EQ(journal_->entry_tile(0, 20).error().kind, base::ErrorKind::kGone);
  EXPECT_TRUE(journal_->hash_tile(0, 0, 20));
  const std::uint64_t size = journal_->size();
  const std::uint64_t first = size - read_ids().size();
  EXPECT_GT(first, 0U);
  open();
  EXPECT_EQ(journal_->size(), size);
  EXPECT_EQ(read_ids().size(), size - first);
  EXPECT_TRUE(verify_receipt(receipt, verifier));
  EXPECT_TRUE(journal_->make_checkpoint());
  EXPECT_TRUE(append(1000));
}

}  // namespace
}  // namespace tallystick::journal
