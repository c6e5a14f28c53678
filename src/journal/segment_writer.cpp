#include "journal/segment_writer.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tallystick::journal {
namespace {

// Larger appends come seldom enough to pay for their blocks themselves, and would pay for the zeros too.
constexpr std::uint64_t kAppendsPerReserve = 8;

}  // namespace

base::Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(FileSystem& files,
                                                                   const std::filesystem::path& path,
                                                                   const SegmentHeader& header) {
  const auto make = [&]() -> base::Result<std::unique_ptr<File>> {
    TALLY_ASSIGN(auto file, files.open(path, OpenMode::kCreate));
    const auto bytes = make_segment_header(header);
    const Bytes part = bytes;
    TALLY_TRY(file->write_at(std::span(&part, 1), 0));
    TALLY_TRY(file->sync());
    TALLY_TRY(files.sync_directory(path.parent_path()));
    return file;
  };
  auto file = make();
  if (!file) {
    (void)files.remove(path);  // recovery removes it too: a segment without a whole header holds nothing
    return std::unexpected(std::move(file).error());
  }
  return std::make_unique<SegmentWriter>(*std::move(file), header.first_sequence, kSegmentHeaderBytes);
}

base::Result<void> SegmentWriter::append(std::span<const Bytes> parts, std::uint64_t bytes) {
  auto written = file_->write_at(parts, end_);
  if (!written) {
    (void)roll_back(end_);
    return written;
  }
  end_ += bytes;
  if (end_ > reserved_end_ && end_ < reserve_limit_ && bytes * kAppendsPerReserve <= reserve_bytes_) {
    write_ahead();
  }
  return {};
}

// What goes wrong here does not matter: the next append writes over these bytes, or fails by itself.
void SegmentWriter::write_ahead() {
  static constexpr std::array<std::uint8_t, 64UZ << 10> kZeros{};
  reserved_end_ = std::min(end_ + reserve_bytes_, reserve_limit_);
  std::vector<Bytes> parts;
  for (std::uint64_t left = reserved_end_ - end_; left > 0; left -= parts.back().size()) {
    parts.push_back(Bytes(kZeros).first(std::min<std::uint64_t>(left, kZeros.size())));
  }
  (void)file_->write_at(parts, end_);
}

base::Result<void> SegmentWriter::trim() {
  return reserved_end_ > end_ ? roll_back(end_) : base::Result<void>();
}

base::Result<void> SegmentWriter::roll_back(std::uint64_t end) {
  auto cut = file_->truncate(end);
  if (!cut) {
    is_broken_ = true;
    return cut;
  }
  end_ = end;
  reserved_end_ = 0;
  return {};
}

base::Result<void> SegmentWriter::seal(SegmentFooter footer) {
  if (is_sealed_) {
    return {};
  }
  TALLY_TRY(trim());  // the footer is found at the end of the file
  footer.body_end = end_;
  const auto bytes = make_segment_footer(footer);
  const Bytes part = bytes;
  if (auto written = file_->write_at(std::span(&part, 1), end_); !written) {
    (void)roll_back(end_);
    return written;
  }
  if (auto synced = file_->sync(); !synced) {
    // Whether the footer is there is unknown. The records before it were synced earlier and are not in doubt.
    if (synced.error().code != "disk_full" || !roll_back(end_)) {
      is_broken_ = true;
    }
    return synced;
  }
  is_sealed_ = true;
  return {};
}

}  // namespace tallystick::journal
