#pragma once
// The file that the log grows in. A failed append leaves it as it was, or broken when even that fails. With a reserve
// the file is longer than the log: zeros are written ahead, so that a sync finds the blocks there and their number
// known, and has only the bytes to write (docs/decisions/0008). One thread appends; another may sync() meanwhile.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/error.h"
#include "base/time.h"
#include "journal/file.h"
#include "journal/frame.h"

namespace tallystick::journal {

class SegmentWriter {
 public:
  // A new, empty, durable segment.
  [[nodiscard]] static base::Result<std::unique_ptr<SegmentWriter>> create(FileSystem& files,
                                                                           const std::filesystem::path& path,
                                                                           const SegmentHeader& header);
  // One that ends at `end` (recovery cut it there).
  SegmentWriter(std::unique_ptr<File> file, std::uint64_t first_sequence, std::uint64_t end)
      : file_(std::move(file)), first_sequence_(first_sequence), end_(end) {}

  // How far zeros are written ahead of small appends (0: not at all), and where the segment will end at the latest.
  void set_reserve(std::uint64_t bytes, std::uint64_t limit) {
    reserve_bytes_ = bytes;
    reserve_limit_ = limit;
  }
  [[nodiscard]] base::Result<void> append(std::span<const Bytes> parts, std::uint64_t bytes);
  [[nodiscard]] base::Result<void> sync() { return file_->sync(); }
  // Takes back what was appended after `end`.
  [[nodiscard]] base::Result<void> roll_back(std::uint64_t end);
  // Takes back the zeros, if there are any.
  [[nodiscard]] base::Result<void> trim();
  // Writes the footer and syncs: nothing can be appended any more. May be tried again when it failed.
  [[nodiscard]] base::Result<void> seal(SegmentFooter footer);

  [[nodiscard]] std::uint64_t first_sequence() const { return first_sequence_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] bool is_sealed() const { return is_sealed_; }
  [[nodiscard]] bool is_broken() const { return is_broken_; }

 private:
  void write_ahead();

  std::unique_ptr<File> file_;
  std::uint64_t first_sequence_;
  std::uint64_t end_;
  std::uint64_t reserve_bytes_ = 0;
  std::uint64_t reserve_limit_ = 0;
  std::uint64_t reserved_end_ = 0;  // where the zeros end, if writing them went well
  bool is_sealed_ = false;
  bool is_broken_ = false;
};

}  // namespace tallystick::journal
