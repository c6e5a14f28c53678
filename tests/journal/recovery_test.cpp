#include "journal/recovery.h"

#include <fstream>

#include "journal/frame.h"
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
  void without_checkpoints() { options_.checkpoint_interval_us = base::kMicrosPerHour; }

  fs::path snapshot_;
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
