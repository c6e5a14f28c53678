#include "journal/recovery.h"

#include <fstream>
#include <functional>
#include <map>

#include "journal/frame.h"
#include "journal/verify.h"
#include "tests/journal/journal_fixture.h"

namespace tallystick::journal {
namespace {

namespace fs = std::filesystem;

std::string load(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void store(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class RecoveryTest : public JournalTest {
 protected:
  // The last segment ends with its last record.
  RecoveryTest() { options_.reserve_bytes = 0; }
  // Closes the journal and keeps a copy of it as the disk would be after a crash: without the last checkpoint.
  void crash() {
    snapshot_ = directory_.path() / "snapshot";
    fs::remove_all(snapshot_);
    fs::copy(options_.directory, snapshot_, fs::copy_options::recursive);
    journal_.reset();
    restore();
  }
  void restore() {
    journal_.reset();
    fs::remove_all(options_.directory);
    fs::copy(snapshot_, options_.directory, fs::copy_options::recursive);
  }
  std::map<std::string, std::string> all_files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(options_.directory)) {
      if (entry.is_regular_file()) {
        all[entry.path().string()] = load(entry.path());
      }
    }
    return all;
  }
  // A closed journal of 20 segments or so, the older half of them dropped.
  void drop_half(std::uint64_t records) {
    options_.segment_bytes = records * 10;
    open();
    for (std::uint64_t i = 0; i < records; ++i) {
      ASSERT_TRUE(append(i));
      clock_.advance_us(base::kMicrosPerMinute);
    }
    const auto half = clock_.now() - static_cast<std::int64_t>(records) * base::kMicrosPerMinute / 2;
    ASSERT_GT(journal_->drop_segments_before(half).value(), 2U);
    journal_.reset();
    kept_ = parse_segment_name(segment(0).filename().string()).value();
    ASSERT_GT(kept_, records / 4);
    snapshot_ = directory_.path() / "snapshot";
    fs::copy(options_.directory, snapshot_, fs::copy_options::recursive);
  }
  fs::path level(int number) const { return options_.directory / "tree" / ("level-" + std::to_string(number)); }
  static void flip(const fs::path& path, std::size_t at) {
    std::string bytes = load(path);
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 4);
    store(path, bytes);
  }
  void without_checkpoints() { options_.checkpoint_interval_us = base::kMicrosPerHour; }

  [[nodiscard]] std::string verify_now() const {
    VerifyOptions options;
    options.directory = options_.directory;
    const auto report = verify(options);
    if (!report || report->first_damage) {
      return "damaged";
    }
    return "whole " + std::to_string(report->records) + ", torn " + std::to_string(report->unacknowledged_tail_bytes);
  }

  fs::path snapshot_;
  std::uint64_t kept_ = 0;
};

TEST_F(RecoveryTest, CutsATornTailAtEveryByteOfTheLastGroup) {
  without_checkpoints();
  open();
  ASSERT_TRUE(append(1, personal("u", "s", "a")));
  ASSERT_TRUE(append(2, personal("u", "s", "a")));
  const std::size_t whole = load(segment()).size();
  ASSERT_TRUE(append(3, personal("u", "s", "a")));
  crash();
  const std::string bytes = load(segment());
  for (std::size_t size = whole; size < bytes.size(); size += 3) {
    restore();
    store(segment(), bytes.substr(0, size));
    open();
    ASSERT_EQ(journal_->size(), 2U) << size;
    EXPECT_EQ(append(3).value(), 2U);  // the id of the record that was cut is free again
    EXPECT_EQ(append(2).value(), 1U);
    EXPECT_EQ(read_ids(), (std::vector{id_of(1), id_of(2), id_of(3)}));
  }
}

TEST_F(RecoveryTest, CutsGarbageAndZerosAfterTheLastGroup) {
  without_checkpoints();
  open();
  ASSERT_TRUE(append(1));
  crash();
  const std::string bytes = load(segment());
  for (const std::string& tail : {std::string(5000, '\0'), std::string(77, '\xA5'), std::string("TGRP")}) {
    store(segment(), bytes + tail);
    open();
    EXPECT_EQ(journal_->size(), 1U);
    restore();
  }
}

TEST_F(RecoveryTest, FindsTheEndAmongTheZerosWrittenAhead) {
  without_checkpoints();
  options_.reserve_bytes = 8192;
  open();
  ASSERT_TRUE(append(1));
  ASSERT_TRUE(append(2));
  crash();
  const std::string bytes = load(segment());
  const std::size_t end = bytes.find_last_not_of('\0') + 1;
  ASSERT_GE(bytes.size(), 8192U);
  ASSERT_LT(end, 1000U);
  EXPECT_EQ(verify_now(), "whole 2, torn 0");
  open();
  EXPECT_EQ(journal_->size(), 2U);
  EXPECT_EQ(append(2).value(), 1U);
  EXPECT_EQ(append(3).value(), 2U);
  EXPECT_EQ(read_ids(), (std::vector{id_of(1), id_of(2), id_of(3)}));

  restore();
  store(segment(), bytes.substr(0, end - 8) + std::string(bytes.size() - end + 8, '\0'));  // the second group is torn
  EXPECT_TRUE(verify_now().starts_with("whole 1, torn "));
  open();
  EXPECT_EQ(journal_->size(), 1U);
  EXPECT_EQ(append(2).value(), 1U);
}

TEST_F(RecoveryTest, TakesTheZerosBackFromWhatIsClosedOrSealed) {
  options_.reserve_bytes = 8192;
  open();
  for (std::uint64_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(append(i));
  }
  EXPECT_GE(fs::file_size(segment()), 8192U);
  journal_.reset();
  EXPECT_NE(load(segment()).back(), '\0');
  options_.segment_bytes = 2000;
  open();
  for (std::uint64_t i = 10; i < 60; ++i) {
    ASSERT_TRUE(append(i));
  }
  ASSERT_GE(journal_->statistics().segments, 3U);
  for (std::size_t i = 0; i < journal_->statistics().segments; ++i) {
    EXPECT_LT(fs::file_size(segment(i)), 2400U) << i;  // a record of less than 300 bytes and the footer above the limit
  }
  open();
  EXPECT_EQ(read_ids().size(), 60U);
}

TEST_F(RecoveryTest, NeverCutsWhatACheckpointCovers) {
  open();
  ASSERT_TRUE(append(1));
  ASSERT_TRUE(append(2));
  ASSERT_TRUE(journal_->make_checkpoint());
  crash();
  const std::string bytes = load(segment());
  store(segment(), bytes.substr(0, bytes.size() - 1));
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "journal_corrupt");
  EXPECT_EQ(opened.error().kind, base::ErrorKind::kCorrupt);
  EXPECT_NE(opened.error().message.find("record 1"), std::string::npos) << opened.error().message;
}

TEST_F(RecoveryTest, NeverCutsWhatALaterGroupKnewDurable) {
  without_checkpoints();
  open();
  for (std::uint64_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(append(i));
  }
  crash();
  std::string bytes = load(segment());
  bytes[kSegmentHeaderBytes + kGroupHeaderBytes + 20] ^= 1;  // in the first of four groups
  store(segment(), bytes);
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "journal_corrupt");
  EXPECT_NE(opened.error().message.find("record 0"), std::string::npos) << opened.error().message;
}

TEST_F(RecoveryTest, FindsAFlippedBitAtEveryByteThatACheckpointCovers) {
  open();
  ASSERT_TRUE(append(1, personal("u", "s", "agent")));
  ASSERT_TRUE(append(2));
  ASSERT_TRUE(journal_->make_checkpoint());
  crash();
  const std::string bytes = load(segment());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    store(segment(), flipped);
    const auto opened = try_open();
    ASSERT_FALSE(opened) << at;
    EXPECT_EQ(opened.error().code, "journal_corrupt") << at;
  }
}

TEST_F(RecoveryTest, RefusesAMissingSegmentAndNamesIt) {
  options_.segment_bytes = 2000;
  open();
  for (std::uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(append(i));
  }
  ASSERT_GE(journal_->statistics().segments, 4U);
  journal_.reset();
  for (const std::size_t position : {std::size_t{0}, std::size_t{2}}) {
    const fs::path victim = segment(position);
    const std::string bytes = load(victim);
    fs::remove(victim);
    const auto opened = try_open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "journal_corrupt");
    EXPECT_NE(opened.error().message.find(victim.filename().string()), std::string::npos) << opened.error().message;
    store(victim, bytes);
  }
  open();
  EXPECT_EQ(journal_->size(), 60U);
}

TEST_F(RecoveryTest, RebuildsTreeAndIndexesThatAreGone) {
  options_.segment_bytes = 2000;
  open();
  for (std::uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(append(i));
  }
  const std::string note = journal_->make_checkpoint().value();
  journal_.reset();
  fs::remove_all(options_.directory / "tree");
  fs::remove_all(options_.directory / "index");
  open();
  EXPECT_EQ(journal_->checkpoint(), note);
  for (std::uint64_t i = 0; i < 60; ++i) {
    EXPECT_EQ(journal_->find(id_of(i)), std::vector<std::uint64_t>{i});
  }
}

TEST_F(RecoveryTest, FindsEveryIdThroughSealedIndexes) {
  options_.segment_bytes = 2000;
  open();
  for (std::uint64_t i = 10; i < 60; ++i) {
    ASSERT_TRUE(append(i));
  }
  open();
  for (std::uint64_t i = 10; i < 60; ++i) {
    EXPECT_EQ(journal_->find(id_of(i)), std::vector<std::uint64_t>{i - 10});
  }
  for (const std::uint64_t other : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{60}, ~std::uint64_t{0}}) {
    EXPECT_TRUE(journal_->find(id_of(other)).empty());
  }
}

TEST_F(RecoveryTest, MakesTheTreeAgainAboveTheHashesOfDroppedRecords) {
  drop_half(900);
  const std::string level_0 = load(level(0));
  const std::string level_1 = load(level(1));
  ASSERT_GT(kept_, 256U);
  const std::vector<std::function<void()>> damages = {
      [&] { fs::remove(level(1)); },
      [&] { flip(level(1), 5); },
      [&] { store(level(1), level_1.substr(0, 40)); },
      [&] { flip(level(0), level_0.size() - 1); },
      [&] { store(level(0), level_0.substr(0, kept_ * 32)); },
      [&] { store(level(0), level_0 + std::string(100, 'x')); },
  };
  for (std::size_t i = 0; i < damages.size(); ++i) {
    restore();
    damages[i]();
    open();
    journal_.reset();
    EXPECT_EQ(load(level(0)), level_0) << i;
    EXPECT_EQ(load(level(1)), level_1) << i;
    EXPECT_FALSE(verify({options_.directory, {}, {}})->first_damage) << i;
  }
}

TEST_F(RecoveryTest, RefusesWrongHashesOfDroppedRecordsAndChangesNothing) {
  drop_half(200);
  ASSERT_GE(kept_, 32U);
  const std::vector<std::function<void()>> damages = {
      [&] { flip(level(0), 0); },
      [&] { flip(level(0), kept_ * 32 - 1); },
      [&] { store(level(0), load(level(0)).substr(0, kept_ * 32 - 1)); },
      [&] { fs::remove(level(0)); },
  };
  for (std::size_t i = 0; i < damages.size(); ++i) {
    restore();
    damages[i]();
    // What a crash would leave to be cleared away: a segment half dropped, a torn group, and neither may be touched.
    store(segment().parent_path() / segment_name(0), "dropped");
    const fs::path last = segment(static_cast<std::size_t>(std::distance(
                                      fs::directory_iterator(segment().parent_path()), fs::directory_iterator())) -
                                  1);
    store(last, load(last) + "TGRP torn");
    const auto before = all_files();
    const auto opened = try_open();
    ASSERT_FALSE(opened) << i;
    EXPECT_EQ(opened.error().kind, base::ErrorKind::kCorrupt);
    EXPECT_EQ(opened.error().code, "journal_corrupt");
    EXPECT_NE(opened.error().message.find("tree/level-0"), std::string::npos) << opened.error().message;
    EXPECT_EQ(all_files(), before) << i;
  }
  restore();
  fs::remove(options_.directory / "checkpoint");  // nothing proves the hashes any more
  const auto before = all_files();
  EXPECT_EQ(try_open().error().code, "journal_corrupt");
  EXPECT_EQ(all_files(), before);
  restore();
  open();
}

TEST_F(RecoveryTest, NothingIsDroppedBeforeTheTreeIsOnTheDisk) {
  without_checkpoints();  // they may read the level that cannot be read back
  options_.segment_bytes = 6000;
  open();
  fs::create_symlink("/dev/null", level(1));  // cannot be synced
  for (std::uint64_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(append(i));
    clock_.advance_us(base::kMicrosPerMinute);
  }
  const auto before = journal_->statistics().segments;
  ASSERT_GT(before, 3U);
  const auto dropped = journal_->drop_segments_before(clock_.now());
  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error().code, "tile_store_io");
  EXPECT_EQ(journal_->statistics().segments, before);
  EXPECT_EQ(read_ids().size(), 300U);
  EXPECT_FALSE(fs::exists(options_.directory / "retention"));
}

TEST_F(RecoveryTest, RefusesToForgetIdsWithinTheirWindow) {
  open();
  for (std::uint64_t i = 0; i < 25; ++i) {
    ASSERT_TRUE(append(i));
  }
  journal_.reset();
  options_.max_remembered_ids = 24;
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, base::ErrorKind::kUnavailable);
  EXPECT_EQ(opened.error().code, "dedupe_memory_full");
  EXPECT_NE(opened.error().message.find("journal.max_remembered_ids is 24"), std::string::npos);
  EXPECT_NE(opened.error().message.find("at least 25"), std::string::npos) << opened.error().message;
  options_.max_remembered_ids = 25;
  open();
  EXPECT_EQ(append(24).value(), 24U);  // a duplicate
  EXPECT_EQ(journal_->size(), 25U);
  journal_.reset();
  options_.max_remembered_ids = 1;
  clock_.advance_us(options_.long_window_us);
  open();  // all have expired
}

TEST_F(RecoveryTest, RefusesRecordsThatDoNotYieldTheCheckpoint) {
  open();
  ASSERT_TRUE(append(1));
  const std::string note = journal_->make_checkpoint().value();
  journal_.reset();
  fs::remove_all(options_.directory);
  open();
  ASSERT_TRUE(append(2));
  journal_.reset();
  store(options_.directory / "checkpoint", note);
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "journal_corrupt");
}

TEST_F(RecoveryTest, GoesOnWhenTheCrashCameBetweenTwoSegments) {
  options_.segment_bytes = 2000;
  open();
  for (std::uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(append(i));
  }
  journal_.reset();
  // The next segment was being created: its header is torn.
  const auto last = segment(0).parent_path() / segment_name(20);
  store(last, "TALLYSEG");
  open();
  EXPECT_EQ(journal_->size(), 20U);
}

}  // namespace
}  // namespace tallystick::journal
