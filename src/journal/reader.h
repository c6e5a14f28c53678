#pragma once
// Follows the durable part of the log, segment by segment (Reader in journal.h). One thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "journal/journal.h"
#include "journal/segment.h"
#include "journal/tail.h"

namespace tallystick::journal {

class TailReader final : public Reader {
 public:
  TailReader(const Tail& tail, FileSystem& files, std::uint64_t from_sequence)
      : tail_(tail), files_(files), position_(from_sequence) {}

  [[nodiscard]] base::Result<bool> next(Record& record, std::int64_t wait_us) override;
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  // Where the record that next() returned last lies.
  [[nodiscard]] const ScannedRecord& last() const { return scanned_; }

 private:
  [[nodiscard]] base::Result<void> enter_segment();
  [[nodiscard]] base::Result<void> read_again();
  [[nodiscard]] base::Error corrupt(std::uint64_t offset, std::string_view what) const;

  const Tail& tail_;
  FileSystem& files_;
  std::uint64_t position_;
  std::uint64_t known_size_ = 0;
  SegmentView view_;
  std::unique_ptr<File> file_;
  std::optional<SegmentScanner> scanner_;
  ScannedRecord scanned_;
  std::vector<std::uint8_t> again_;
};

}  // namespace tallystick::journal
