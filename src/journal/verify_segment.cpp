#include "journal/verify_segment.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tallystick::journal {
namespace {

constexpr std::uint64_t kSectorBytes = 512;  // the least that disks write as a whole
constexpr std::size_t kLikeFooterBytes = kSegmentFooterBytes * 3 / 4;

}  // namespace

base::Result<SegmentFile> open_segment_file(FileSystem& files,
                                            const Layout& layout,
                                            std::uint64_t first,
                                            bool is_last) {
  SegmentFile out;
  out.first = first;
  out.is_last = is_last;
  TALLY_ASSIGN(out.file, files.open(layout.segments() / segment_name(first), OpenMode::kRead));
  TALLY_ASSIGN(out.size, out.file->size());
  out.body_end = out.size;
  if (out.size < kSegmentHeaderBytes + kSegmentFooterBytes) {
    return out;
  }
  std::array<std::uint8_t, kSegmentFooterBytes> bytes{};
  TALLY_TRY(out.file->read_at(bytes, out.size - bytes.size()));
  out.footer = parse_segment_footer(bytes);
  if (out.footer && out.footer->first_sequence == first && out.footer->body_end == out.size - bytes.size()) {
    out.body_end = out.footer->body_end;
  } else {
    out.footer.reset();
  }
  return out;
}

base::Result<HeaderState> check_header(const SegmentFile& segment) {
  std::array<std::uint8_t, kSegmentHeaderBytes> bytes{};
  TALLY_ASSIGN(const std::size_t got, segment.file->read_at(bytes, 0));
  const auto header = parse_segment_header(Bytes(bytes).first(got));
  if (header && header->first_sequence == segment.first) {
    return HeaderState::kWhole;
  }
  const bool is_unwritten = got < bytes.size() || is_zero(bytes);
  return segment.is_last && segment.size <= bytes.size() && is_unwritten ? HeaderState::kTorn : HeaderState::kDamaged;
}

base::Result<bool> is_zero_from(const SegmentFile& segment, std::uint64_t offset) {
  std::vector<std::uint8_t> bytes(64UZ << 10);
  while (offset < segment.size) {
    TALLY_ASSIGN(const std::size_t got, segment.file->read_at(bytes, offset));
    if (got == 0) {
      break;
    }
    if (!is_zero(Bytes(bytes).first(got))) {
      return false;
    }
    offset += got;
  }
  return true;
}

base::Result<bool> has_damaged_footer(const SegmentFile& segment, const SegmentFooter& right) {
  std::array<std::uint8_t, kSegmentFooterBytes> found{};
  TALLY_ASSIGN(const std::size_t got, segment.file->read_at(found, right.body_end));
  if (got < found.size()) {
    return false;
  }
  const auto wanted = make_segment_footer(right);
  const std::uint64_t to_sector = kSectorBytes - right.body_end % kSectorBytes;
  const auto split = static_cast<std::size_t>(std::min<std::uint64_t>(to_sector, found.size()));
  const auto is_written = [&](std::size_t from, std::size_t end) {
    return std::equal(found.begin() + from, found.begin() + end, wanted.begin() + from);
  };
  const bool is_first_torn = is_zero(Bytes(found).first(split)) && is_written(split, found.size());
  const bool is_second_torn = split < found.size() && is_written(0, split) && is_zero(Bytes(found).subspan(split));
  if (is_zero(found) || is_first_torn || is_second_torn) {
    return false;
  }
  std::size_t same = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    same += found[i] == wanted[i] ? 1 : 0;
  }
  return same >= kLikeFooterBytes;
}

}  // namespace tallystick::journal
