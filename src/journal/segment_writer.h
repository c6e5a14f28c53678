#pragma once
// The file that the log grows in. A failed append leaves it as it was, or broken when even that fails. One thread
// appends; another may sync() meanwhile.

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

  [[nodiscard]] base::Result<void> append(std::span<const Bytes> parts, std::uint64_t bytes);
  [[nodiscard]] base::Result<void> sync() { return file_->sync(); }
  // Takes back what was appended after `end`.
  [[nodiscard]] base::Result<void> roll_back(std::uint64_t end);
  // Writes the footer and syncs: nothing can be appended any more. May be tried again when it failed.
  [[nodiscard]] base::Result<void> seal(SegmentFooter footer);

  [[nodiscard]] std::uint64_t first_sequence() const { return first_sequence_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] bool is_sealed() const { return is_sealed_; }
  [[nodiscard]] bool is_broken() const { return is_broken_; }

 private:
  std::unique_ptr<File> file_;
  std::uint64_t first_sequence_;
  std::uint64_t end_;
  bool is_sealed_ = false;
  bool is_broken_ = false;
};

}  // namespace tallystick::journal
