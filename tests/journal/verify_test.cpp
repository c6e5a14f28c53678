#include "journal/verify.h"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/journal/log_builder.h"
#include "tests/journal/reference_tree.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::journal {
namespace {

class VerifyTest : public testing::Test {
 protected:
  [[nodiscard]] const std::filesystem::path& directory() const { return temporary_.path(); }
  [[nodiscard]] VerifyReport run(const std::string& from = "") const {
    VerifyOptions options;
    options.directory = directory();
    options.from_checkpoint = from;
    auto report = verify(options);
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : VerifyReport{};
  }
  [[nodiscard]] static std::string text_of(const VerifyReport& report) {
    const auto& damage = report.first_damage;
    return damage ? damage->file + " @" + std::to_string(damage->offset) + ": " + damage->what : "whole";
  }
  [[nodiscard]] static std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static void write(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }

  static void put_byte(const std::filesystem::path& file, std::size_t at, char byte) {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(static_cast<std::streamoff>(at));
    out.put(byte);
  }

  // Two sealed segments and an open one; some personal parts, one of them erased.
  void build(LogBuilder& log, int records = 300) {
    for (int i = 0; i < records; ++i) {
      log.add_click("campaign " + std::to_string(i), i % 2 == 0 ? "agent " + std::to_string(i) : "");
      if (i % 7 == 6) {
        log.end_group();
      }
      if (i == records / 3 - 1 || i == records - 11) {
        log.seal_segment();
      }
    }
    log.add_erasure(RecordKind::kErasure, {4});
    log.end_group();
    log.add_erasure(RecordKind::kErasureDone, {});
    log.finish();
    log.erase(4);
  }

  support::TemporaryDirectory temporary_;
};

TEST_F(VerifyTest, AWholeLogVerifies) {
  LogBuilder log(directory());
  build(log);
  const VerifyReport report = run();
  EXPECT_EQ(text_of(report), "whole");
  EXPECT_EQ(report.records, 302U);
  EXPECT_EQ(report.checkpoint_size, 302U);
  EXPECT_EQ(report.erased, 1U);
  EXPECT_EQ(report.dropped, 0U);
  EXPECT_EQ(report.unacknowledged_tail_bytes, 0U);
  EXPECT_EQ(report.root_hash, base::to_base64(reference_root(log.leaves())));
}

TEST_F(VerifyTest, AnEmptyLogVerifies) {
  LogBuilder log(directory());
  log.finish();
  EXPECT_EQ(text_of(run()), "whole");
}

TEST_F(VerifyTest, FindsAndNamesAFlippedBitInEveryByte) {
  LogBuilder log(directory());
  build(log, 60);
  std::size_t flips = 0;
  for (const auto& item : std::filesystem::recursive_directory_iterator(directory())) {
    if (!item.is_regular_file()) {
      continue;
    }
    const std::string name = std::filesystem::relative(item.path(), directory()).string();
    const std::string bytes = read(item.path());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      put_byte(item.path(), i, static_cast<char>(bytes[i] ^ (1 << ((i * 5 + 3) % 8))));
      const VerifyReport report = run();
      put_byte(item.path(), i, bytes[i]);
      ++flips;
      ASSERT_TRUE(report.first_damage || name == "verifier-key") << name << " byte " << i;
      if (name == "verifier-key" && !report.first_damage) {
        // The last newline is not part of the key.
        ASSERT_EQ(i, bytes.size() - 1);
        continue;
      }
      // Another key makes the checkpoint look wrong; everything else is named itself.
      ASSERT_EQ(report.first_damage->file, name) << "byte " << i << ": " << text_of(report);
      if (name.starts_with("segments/")) {
        ASSERT_LE(report.first_damage->offset, i) << text_of(report);
        ASSERT_LE(i - report.first_damage->offset, 1'000U) << text_of(report);
      } else if (name.starts_with("tree/")) {
        ASSERT_EQ(report.first_damage->offset, i / 32 * 32);
      }
    }
  }
  EXPECT_GT(flips, 8'000U);
  EXPECT_EQ(text_of(run()), "whole");
}

TEST_F(VerifyTest, FindsAFlippedBitInALastSegmentThatIsSealedOrEmpty) {
  LogBuilder log(directory());
  build(log, 40);
  log.seal_segment();
  log.finish();
  log.erase(4);
  const auto empty = directory() / "segments" / segment_name(42);
  const auto flip_all = [&](const std::filesystem::path& file, std::size_t from) {
    const std::string bytes = read(file);
    for (std::size_t i = from * 8; i < bytes.size() * 8; ++i) {
      put_byte(file, i / 8, static_cast<char>(bytes[i / 8] ^ (1 << i % 8)));
      const VerifyReport report = run();
      ASSERT_TRUE(report.first_damage) << "bit " << i;
      ASSERT_EQ(report.first_damage->file, "segments/" + file.filename().string());
      put_byte(file, i / 8, bytes[i / 8]);
    }
  };
  ASSERT_EQ(text_of(run()), "whole");
  flip_all(empty, 0);
  std::filesystem::remove(empty);
  ASSERT_EQ(text_of(run()), "whole");
  const auto sealed = log.segment_of(41);
  flip_all(sealed, read(sealed).size() - kSegmentFooterBytes);
  EXPECT_EQ(text_of(run()), "whole");
}

TEST_F(VerifyTest, ATornFooterOrHeaderIsNoDamage) {
  LogBuilder log(directory());
  build(log, 40);
  log.seal_segment();
  log.finish();
  log.erase(4);
  const auto empty = directory() / "segments" / segment_name(42);
  for (const std::string& torn : {std::string(), std::string("TALLYSEG"), std::string(kSegmentHeaderBytes, '\0')}) {
    write(empty, torn);
    EXPECT_EQ(text_of(run()), "whole");
    EXPECT_EQ(run().unacknowledged_tail_bytes, torn.size());
  }
  std::filesystem::remove(empty);
  const std::string bytes = read(log.segment_of(41));
  const std::size_t body = bytes.size() - kSegmentFooterBytes;
  for (std::size_t size = 0; size < kSegmentFooterBytes; ++size) {
    write(log.segment_of(41), bytes.substr(0, body + size));
    EXPECT_EQ(text_of(run()), "whole");
    EXPECT_EQ(run().unacknowledged_tail_bytes, size);
  }
  write(log.segment_of(41), bytes.substr(0, body) + std::string(kSegmentFooterBytes, '\0'));
  EXPECT_EQ(text_of(run()), "whole");
  EXPECT_EQ(run().unacknowledged_tail_bytes, 0U);  // zeros are room that was taken ahead
}

TEST_F(VerifyTest, FindsAFlippedBitInTheUpperLevelsOfTheTree) {
  LogBuilder log(directory());
  build(log);
  const auto tiles = directory() / "tree" / "level-1";
  const std::string bytes = read(tiles);
  ASSERT_EQ(bytes.size(), 32U);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    put_byte(tiles, i, static_cast<char>(bytes[i] ^ 1));
    const VerifyReport report = run();
    put_byte(tiles, i, bytes[i]);
    ASSERT_TRUE(report.first_damage);
    ASSERT_EQ(report.first_damage->file, "tree/level-1");
  }
}

TEST_F(VerifyTest, NamesTheRecordThatIsDamaged) {
  LogBuilder log(directory());
  build(log);
  for (const std::uint64_t sequence : {0U, 5U, 99U, 100U, 250U, 299U}) {
    std::string bytes = read(log.segment_of(sequence));
    const std::string good = bytes;
    bytes[log.offset_of(sequence) + kFrameHeaderBytes + 1] ^= 1;
    write(log.segment_of(sequence), bytes);
    const VerifyReport report = run();
    ASSERT_TRUE(report.first_damage);
    EXPECT_EQ(report.first_damage->sequence, sequence);
    EXPECT_EQ(report.first_damage->offset, log.offset_of(sequence));
    EXPECT_EQ(report.first_damage->file, "segments/" + log.segment_of(sequence).filename().string());
    write(log.segment_of(sequence), good);
  }
}

TEST_F(VerifyTest, FindsMissingSegmentsCutEndsAndRemovedTiles) {
  LogBuilder log(directory());
  build(log);
  const auto with = [&](std::uint64_t sequence, const auto& change) {
    const std::string good = read(log.segment_of(sequence));
    change(log.segment_of(sequence), good);
    const std::string found = text_of(run());
    write(log.segment_of(sequence), good);
    return found;
  };
  const auto remove = [](const std::filesystem::path& file, const std::string&) {
    std::filesystem::remove(file);
  };
  EXPECT_NE(with(0, remove).find("the segment is missing"), std::string::npos);
  EXPECT_NE(with(150, remove).find("does not begin where"), std::string::npos);
  EXPECT_NE(with(295, remove), "whole");
  // Cut to an earlier whole group: the bytes are whole, but the checkpoint covers more.
  const auto cut = [&](const std::filesystem::path& file, const std::string& good) {
    write(file, good.substr(0, log.offset_of(301) - kGroupHeaderBytes));
  };
  EXPECT_NE(with(299, cut).find("the log ends after"), std::string::npos);
  // Tiles are derived: a missing one can be made again.
  std::filesystem::remove(directory() / "tree" / "level-0");
  EXPECT_EQ(text_of(run()), "whole");
}

TEST_F(VerifyTest, ATornLastWriteIsNoDamage) {
  for (const std::string& tail : {std::string(1, 'T'), std::string(500, 0), std::string("TGRP and more")}) {
    std::filesystem::remove_all(directory() / "segments");
    std::filesystem::remove_all(directory() / "tree");
    LogBuilder log(directory());
    build(log);
    log.add_tail(tail);
    log.finish();
    log.erase(4);
    const VerifyReport report = run();
    EXPECT_EQ(text_of(report), "whole");
    EXPECT_EQ(report.records, 302U);
    EXPECT_EQ(report.unacknowledged_tail_bytes, tail[0] == 0 ? 0 : tail.size());  // zeros are room taken ahead
  }
}

TEST_F(VerifyTest, ATornGroupIsNotTakenInPart) {
  LogBuilder log(directory());
  build(log);
  const std::string checkpoint = read(directory() / "checkpoint");
  for (int i = 0; i < 5; ++i) {
    log.add_click("later");
  }
  log.finish();
  log.erase(4);
  // As if the crash came before the new checkpoint and before the last record's end was written.
  write(directory() / "checkpoint", checkpoint);
  std::filesystem::resize_file(log.segment_of(306), std::filesystem::file_size(log.segment_of(306)) - 1);
  const VerifyReport report = run();
  EXPECT_EQ(text_of(report), "whole");
  EXPECT_EQ(report.records, 302U);
  EXPECT_GT(report.unacknowledged_tail_bytes, 100U);
}

TEST_F(VerifyTest, ARewrittenLogIsFoundThoughAllItsChecksumsAreRight) {
  LogBuilder log(directory());
  build(log);
  const std::string checkpoint = read(directory() / "checkpoint");
  std::filesystem::remove_all(directory() / "segments");
  std::filesystem::remove_all(directory() / "tree");
  LogBuilder forged(directory());
  for (int i = 0; i < 302; ++i) {
    forged.add_click("forged " + std::to_string(i));
  }
  forged.finish();
  EXPECT_EQ(text_of(run()), "whole");  // the forger has the key; the old checkpoint is kept elsewhere
  const VerifyReport report = run(checkpoint);
  ASSERT_TRUE(report.first_damage);
  EXPECT_EQ(report.first_damage->file, "the checkpoint given");
  write(directory() / "checkpoint", checkpoint);
  EXPECT_EQ(run().first_damage->file, "checkpoint");
}

TEST_F(VerifyTest, OneReplacedRecordIsNamedWhenTheTilesStillKnowTheOldOne) {
  LogBuilder log(directory());
  build(log);
  const std::string good = read(log.segment_of(0));
  // A record rewritten with a right checksum.
  std::string bytes = good;
  const std::size_t at = log.offset_of(3);
  bytes[at + kFrameHeaderBytes + kEntryHeaderBytes + 4] ^= 1;
  const std::size_t entry_bytes = log.personal_offset_of(3) - at - kFrameHeaderBytes;
  const auto view = base::as_bytes(bytes);
  const std::uint32_t checksum = crc32c(view.subspan(at + kFrameHeaderBytes, entry_bytes), crc32c(view.subspan(at, 4)));
  std::memcpy(bytes.data() + at + 4, &checksum, 4);
  write(log.segment_of(0), bytes);
  const VerifyReport report = run();
  ASSERT_TRUE(report.first_damage);
  EXPECT_EQ(report.first_damage->sequence, 3U);
  EXPECT_EQ(report.first_damage->offset, at);
  EXPECT_EQ(report.first_damage->file, "segments/" + segment_name(0));
}

TEST_F(VerifyTest, ProvesThatTheLogContinuesAnOlderCheckpoint) {
  LogBuilder log(directory());
  for (int i = 0; i < 50; ++i) {
    log.add_click("early");
  }
  const std::string early = log.checkpoint();
  for (int i = 0; i < 50; ++i) {
    log.add_click("late");
  }
  log.finish();
  EXPECT_EQ(text_of(run(early)), "whole");
  EXPECT_EQ(text_of(run(log.checkpoint())), "whole");
  const std::string wrong = make_checkpoint_note(LogBuilder::kOrigin, 50, log.leaves()[0], log.key());
  EXPECT_NE(text_of(run(wrong)).find("the log was rewritten"), std::string::npos);
  const std::string longer = make_checkpoint_note(LogBuilder::kOrigin, 101, log.leaves()[0], log.key());
  EXPECT_NE(text_of(run(longer)).find("the log ends after 100 records"), std::string::npos);
  VerifyOptions options;
  options.directory = directory();
  options.from_checkpoint = "nonsense";
  EXPECT_EQ(verify(options).error().code, "bad_note");
}

TEST_F(VerifyTest, ZeroedPersonalPartsNeedAnErasureRecord) {
  LogBuilder log(directory());
  build(log);
  log.erase(6);
  const VerifyReport report = run();
  ASSERT_TRUE(report.first_damage);
  EXPECT_EQ(report.first_damage->sequence, 6U);
  EXPECT_EQ(report.first_damage->offset, log.offset_of(6));
}

TEST_F(VerifyTest, RetentionCoversEverythingBeforeIt) {
  LogBuilder log(directory());
  for (int i = 0; i < 20; ++i) {
    log.add_click("c", "agent");
  }
  log.add_erasure(RecordKind::kErasure, {}, 10);
  log.add_erasure(RecordKind::kErasureDone, {});
  log.finish();
  for (std::uint64_t i = 0; i < 9; ++i) {
    log.erase(i);
  }
  const VerifyReport unfinished = run();
  ASSERT_TRUE(unfinished.first_damage);
  EXPECT_EQ(unfinished.first_damage->sequence, 9U);
  log.erase(9);
  EXPECT_EQ(text_of(run()), "whole");
  EXPECT_EQ(run().erased, 10U);
  log.erase(10);
  EXPECT_EQ(run().first_damage->sequence, 10U);
}

TEST_F(VerifyTest, AnErasureUnderWayMayBeInAnyState) {
  LogBuilder log(directory());
  for (int i = 0; i < 20; ++i) {
    log.add_click("c", "agent");
  }
  log.add_erasure(RecordKind::kErasure, {3, 4, 5});
  log.finish();
  log.erase(3);
  log.erase(4, 9);
  const VerifyReport torn = run();
  ASSERT_TRUE(torn.first_damage);
  EXPECT_EQ(torn.first_damage->sequence, 4U);
  EXPECT_EQ(torn.first_damage->offset, log.personal_offset_of(4));
  SystemFiles files;
  ASSERT_TRUE(save_pending_erasure(files, Layout{directory()}, {ErasureCause::kPerson, {3, 4, 5}, 0}));
  EXPECT_EQ(text_of(run()), "whole");
}

TEST_F(VerifyTest, DroppedSegmentsAreKnownByTheirHashes) {
  LogBuilder log(directory());
  build(log);
  std::filesystem::remove(log.segment_of(0));
  SystemFiles files;
  ASSERT_TRUE(save_retention(files, Layout{directory()}, {100, 0}));
  const VerifyReport report = run();
  EXPECT_EQ(report.dropped, 100U);
  EXPECT_EQ(report.records, 302U);
  EXPECT_EQ(text_of(report), "whole");
  EXPECT_EQ(report.root_hash, base::to_base64(reference_root(log.leaves())));
  const auto tiles = directory() / "tree" / "level-0";
  const std::string good = read(tiles);
  std::string bytes = good;
  bytes[40 * 32] ^= 1;
  write(tiles, bytes);
  EXPECT_TRUE(run().first_damage);
  write(tiles, good.substr(0, 50 * 32));
  EXPECT_EQ(run().first_damage->file, "tree/level-0");
}

TEST_F(VerifyTest, NeedsAJournalAndAKey) {
  VerifyOptions options;
  options.directory = directory() / "nothing";
  EXPECT_EQ(verify(options).error().code, "journal_missing");
  LogBuilder log(directory());
  build(log);
  options.directory = directory();
  options.public_key = "nonsense";
  EXPECT_EQ(verify(options).error().code, "bad_verifier_key");
  options.public_key = format_verifier_key(log.verifier());
  EXPECT_FALSE(verify(options)->first_damage);
  std::filesystem::remove(directory() / "verifier-key");
  EXPECT_FALSE(verify(options)->first_damage);
  options.public_key.clear();
  EXPECT_EQ(verify(options).error().code, "verifier_key_missing");
}

}  // namespace
}  // namespace tallystick::journal
