#pragma once
// One segment file: its name, and SegmentScanner, which walks its records with large reads. A scanner belongs
// to one thread; the frames it hands out view its buffer until the next call.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "journal/file.h"
#include "journal/frame.h"

namespace tallystick::journal {

[[nodiscard]] std::string segment_name(std::uint64_t first_sequence);  // 20 digits and ".seg"
[[nodiscard]] std::optional<std::uint64_t> parse_segment_name(std::string_view name);
// First sequences of the segments in `directory`, ascending.
[[nodiscard]] base::Result<std::vector<std::uint64_t>> list_segments(const std::filesystem::path& directory);

// The highest number of records known durable by any group header at or after `offset`, wherever it lies: those must be
// whole, though what is before them is damaged.
[[nodiscard]] base::Result<std::uint64_t> durable_after(const File& file, std::uint64_t offset, std::uint64_t size);

// Where a group of records begins.
struct GroupPosition {
  std::uint64_t sequence = 0;
  std::uint64_t offset = 0;
};

struct ScannedRecord {
  std::uint64_t sequence = 0;
  std::uint64_t offset = 0;  // of the frame in the file
  Bytes bytes;               // of the frame
  Frame frame;
};

enum class ScanState : std::uint8_t { kRecord, kEnd, kDamaged };

class SegmentScanner {
 public:
  // Reads [start.offset, end) of `file`; both lie between groups. The first group is checked to begin at
  // start.sequence.
  SegmentScanner(const File& file, GroupPosition start, std::uint64_t end);

  // kDamaged is final: see damage_offset() and damage(). A bad personal part is no damage here: it may be about
  // to be erased, so the record is returned with frame.state == kBadPersonal.
  [[nodiscard]] base::Result<ScanState> next(ScannedRecord& record);
  // Like next(), without checksums: only lengths. For reaching a record inside a group.
  [[nodiscard]] base::Result<void> skip_to(std::uint64_t sequence);
  // For a file that grows.
  void set_end(std::uint64_t end) { end_ = end; }

  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }                // of the next record
  [[nodiscard]] GroupPosition group() const { return group_; }                      // that the last record belongs to
  [[nodiscard]] std::uint64_t durable_through() const { return durable_through_; }  // highest in any group header
  [[nodiscard]] std::uint64_t offset() const { return buffer_offset_ + at_; }
  [[nodiscard]] GroupPosition whole() const { return whole_; }  // where the last whole group ended
  [[nodiscard]] std::uint64_t damage_offset() const { return damage_offset_; }
  [[nodiscard]] const std::string& damage() const { return damage_; }

 private:
  // At least `wanted` bytes at at_, or all up to end_.
  [[nodiscard]] base::Result<Bytes> peek(std::size_t wanted);
  [[nodiscard]] base::Result<bool> enter_group();
  ScanState set_damaged(std::string what);

  const File& file_;
  std::uint64_t end_;
  std::uint64_t sequence_;
  GroupPosition group_;
  GroupPosition whole_;
  std::uint64_t durable_through_ = 0;
  std::uint32_t left_in_group_ = 0;
  std::uint64_t group_end_ = 0;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t buffer_offset_;
  std::size_t filled_ = 0;
  std::size_t at_ = 0;
  std::uint64_t damage_offset_ = 0;
  std::string damage_;
};

}  // namespace tallystick::journal
