#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "journal/checkpoint.h"
#include "journal/receipt.h"
#include "journal/verify.h"
#include "tests/journal/journal_fixture.h"

namespace tallystick::journal {
namespace {

// What the journal itself writes, held against verification.
class VerifyJournalTest : public JournalTest {
 protected:
  // The last segment ends with its last record.
  VerifyJournalTest() { options_.reserve_bytes = 0; }
  [[nodiscard]] std::string verify_now(const std::string& from = "") const {
    VerifyOptions options;
    options.directory = options_.directory;
    options.from_checkpoint = from;
    const auto report = verify(options);
    if (!report) {
      return report.error().code + ": " + report.error().message;
    }
    const auto& damage = report->first_damage;
    return damage ? damage->file + " @" + std::to_string(damage->offset) + ": " + damage->what
                  : "whole " + std::to_string(report->records) + " erased " + std::to_string(report->erased);
  }
  // Does `work` when the first record is read.
  [[nodiscard]] std::string verify_while(const std::function<void()>& work) const {
    VerifyOptions options;
    options.directory = options_.directory;
    options.progress = [&, is_done = false](std::uint64_t, std::uint64_t) mutable {
      if (!std::exchange(is_done, true)) {
        work();
      }
    };
    const auto report = verify(options);
    EXPECT_TRUE(report);
    const auto& damage = report->first_damage;
    return damage ? damage->file + ": " + damage->what : "whole, erased " + std::to_string(report->erased);
  }
  [[nodiscard]] std::size_t segment_count() const {
    const std::filesystem::directory_iterator all(options_.directory / "segments");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
  void append_many(std::uint64_t first, std::uint64_t count, std::string_view user) {
    for (std::uint64_t i = first; i < first + count; ++i) {
      ASSERT_TRUE(append(i, personal(user, "session of " + std::string(user), "agent")));
      clock_.advance_us(base::kMicrosPerSecond);
    }
  }
};

TEST_F(VerifyJournalTest, ARunningAndAClosedJournalVerify) {
  options_.segment_bytes = 4096;
  open();
  append_many(0, 100, "alice");
  ASSERT_TRUE(journal_->make_checkpoint());
  EXPECT_EQ(verify_now(), "whole 100 erased 0");
  append_many(100, 50, "bob");
  journal_.reset();
  EXPECT_EQ(verify_now(), "whole 150 erased 0");
  open();
  append_many(150, 50, "bob");
  journal_.reset();
  EXPECT_EQ(verify_now(), "whole 200 erased 0");
}

TEST_F(VerifyJournalTest, AnErasureBeginningAndEndingMeanwhileIsNoDamage) {
  // Into a segment that is not there yet when verification lists them.
  options_.segment_bytes = 4096;
  open();
  append_many(0, 20, "alice");
  for (std::uint64_t i = 100; std::filesystem::file_size(segment(journal_->statistics().segments - 1)) < 4096; ++i) {
    append_many(i, 1, "bob");
  }
  ASSERT_TRUE(journal_->make_checkpoint());
  const std::string first = verify_while([&] { ASSERT_TRUE(journal_->erase_user(digest_of("bob"))); });
  EXPECT_TRUE(first.starts_with("whole, erased ")) << first;
  EXPECT_NE(first, "whole, erased 0");
}

TEST_F(VerifyJournalTest, AnErasureBehindTheEndOfTheLastSegmentReadIsNoDamage) {
  open();
  const std::string agent(3'000, 'a');
  for (std::uint64_t i = 0; i < 600; ++i) {  // more than is read at once
    ASSERT_TRUE(append(i, personal("alice", "session", agent)));
  }
  ASSERT_TRUE(journal_->make_checkpoint());
  const std::string found = verify_while([&] { ASSERT_TRUE(journal_->erase_user(digest_of("alice"))); });
  EXPECT_TRUE(found.starts_with("whole, erased ")) << found;
  EXPECT_NE(found, "whole, erased 0");
  EXPECT_EQ(verify_now(), "whole 602 erased 600");
}

TEST_F(VerifyJournalTest, FindsAFlippedBitAnywhereInTheLastSegmentAfterClosing) {
  options_.segment_bytes = 3000;
  open();
  const auto flip_all = [&] {
    journal_.reset();
    const std::filesystem::path last = segment(segment_count() - 1);
    const auto size = std::filesystem::file_size(last);
    for (std::uint64_t at = 0; at < size; ++at) {
      std::fstream file(last, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(at));
      const char byte = static_cast<char>(file.get());
      const auto put = [&](char value) {
        file.seekp(static_cast<std::streamoff>(at));
        file.put(value).flush();
      };
      put(static_cast<char>(byte ^ (1 << at % 8)));
      const std::string found = verify_now();
      put(byte);
      ASSERT_TRUE(found.starts_with("segments/" + last.filename().string())) << "byte " << at << ": " << found;
    }
    ASSERT_TRUE(verify_now().starts_with("whole")) << verify_now();
    open();
  };
  flip_all();  // nothing but a header
  append_many(0, 3, "alice");
  flip_all();
  append_many(3, 40, "bob");
  flip_all();
}

TEST_F(VerifyJournalTest, ErasureRetentionAndDroppingKeepTheLogWholeAndReceiptsValid) {
  options_.segment_bytes = 4096;
  open();
  append_many(0, 60, "alice");
  append_many(60, 60, "bob");
  const auto early = journal_->make_checkpoint();
  ASSERT_TRUE(early);
  const auto receipt = journal_->receipt(id_of(10));
  ASSERT_TRUE(receipt);
  const VerifierKey key = make_verifier_key(options_.origin, key_.public_key());
  const auto erased = journal_->erase_user(digest_of("alice"));
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(erased->records_erased, 60U);
  ASSERT_TRUE(journal_->make_checkpoint());
  EXPECT_EQ(verify_now(*early), "whole 122 erased 60");
  const auto aged = journal_->erase_before(clock_.now());
  ASSERT_TRUE(aged) << aged.error().message;
  ASSERT_TRUE(journal_->make_checkpoint());
  EXPECT_EQ(verify_now(*early), "whole 124 erased 120");
  append_many(200, 60, "carol");
  const auto dropped = journal_->drop_segments_before(clock_.now() - 80 * base::kMicrosPerSecond);
  ASSERT_TRUE(dropped) << dropped.error().message;
  EXPECT_GT(*dropped, 0U);
  const auto latest = journal_->make_checkpoint();
  ASSERT_TRUE(latest);
  const std::string whole = verify_now(*early);
  EXPECT_TRUE(whole.starts_with("whole 18")) << whole;
  journal_.reset();
  open();
  journal_.reset();
  EXPECT_TRUE(verify_now(*latest).starts_with("whole 18")) << verify_now(*latest);
  EXPECT_TRUE(verify_receipt(*receipt, key));
}

}  // namespace
}  // namespace tallystick::journal
