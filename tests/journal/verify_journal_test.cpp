#include <fstream>
#include <iterator>
#include <string>

#include "journal/checkpoint.h"
#include "journal/receipt.h"
#include "journal/verify.h"
#include "tests/journal/journal_fixture.h"

namespace tallystick::journal {
namespace {

// What the journal itself writes, held against verification.
class VerifyJournalTest : public JournalTest {
 protected:
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
