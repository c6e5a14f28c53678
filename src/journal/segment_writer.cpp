#include "journal/segment_writer.h"

namespace tallystick::journal {

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
  return {};
}

base::Result<void> SegmentWriter::roll_back(std::uint64_t end) {
  auto cut = file_->truncate(end);
  if (!cut) {
    is_broken_ = true;
    return cut;
  }
  end_ = end;
  return {};
}

base::Result<void> SegmentWriter::seal(SegmentFooter footer) {
  if (is_sealed_) {
    return {};
  }
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
