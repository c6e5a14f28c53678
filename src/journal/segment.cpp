#include "journal/segment.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <system_error>

namespace tallystick::journal {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;
constexpr std::size_t kNameDigits = 20;
constexpr std::string_view kSuffix = ".seg";

}  // namespace

std::string segment_name(std::uint64_t first_sequence) {
  return fmt::format("{:020}{}", first_sequence, kSuffix);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  std::uint64_t first = 0;
  const char* const end = name.data() + kNameDigits;
  const auto [stop, code] = std::from_chars(name.data(), end, first);
  if (code != std::errc() || stop != end) {
    return std::nullopt;
  }
  return first;
}

base::Result<std::vector<std::uint64_t>> list_segments(const std::filesystem::path& directory) {
  std::vector<std::uint64_t> firsts;
  std::error_code code;
  for (auto at = std::filesystem::directory_iterator(directory, code);
       !code && at != std::filesystem::directory_iterator();
       at.increment(code)) {
    if (const auto first = parse_segment_name(at->path().filename().string())) {
      firsts.push_back(*first);
    }
  }
  if (code) {
    return base::fail(
        base::ErrorKind::kUnavailable, "io_error", "Cannot list the journal's segments: " + code.message());
  }
  std::sort(firsts.begin(), firsts.end());
  return firsts;
}

base::Result<std::uint64_t> durable_after(const File& file, std::uint64_t offset, std::uint64_t size) {
  std::vector<std::uint8_t> window(kReadBytes);
  std::uint64_t durable = 0;
  while (offset + kGroupHeaderBytes <= size) {
    TALLY_ASSIGN(const std::size_t got, file.read_at(window, offset));
    if (got < kGroupHeaderBytes) {
      break;
    }
    for (std::size_t at = 0; at + kGroupHeaderBytes <= got; ++at) {
      if (const auto header = parse_group_header(Bytes(window).subspan(at, kGroupHeaderBytes))) {
        durable = std::max(durable, header->durable_through);
      }
    }
    offset += got - kGroupHeaderBytes + 1;
  }
  return durable;
}

SegmentScanner::SegmentScanner(const File& file, GroupPosition start, std::uint64_t end)
    : file_(file), end_(end), sequence_(start.sequence), group_(start), whole_(start), buffer_offset_(start.offset) {}

base::Result<Bytes> SegmentScanner::peek(std::size_t wanted) {
  const std::uint64_t left = end_ - std::min(end_, offset());
  wanted = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, left));
  if (filled_ - at_ < wanted) {
    buffer_.resize(kReadBytes);
    std::memmove(buffer_.data(), buffer_.data() + at_, filled_ - at_);
    buffer_offset_ += at_;
    filled_ -= at_;
    at_ = 0;
    const std::uint64_t unread = end_ - (buffer_offset_ + filled_);
    const std::size_t room = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size() - filled_, unread));
    TALLY_ASSIGN(const std::size_t got,
                 file_.read_at(std::span(buffer_).subspan(filled_, room), buffer_offset_ + filled_));
    filled_ += got;
  }
  return Bytes(buffer_.data() + at_, std::min<std::size_t>(filled_ - at_, static_cast<std::size_t>(left)));
}

ScanState SegmentScanner::set_damaged(std::string what) {
  damage_offset_ = offset();
  damage_ = std::move(what);
  return ScanState::kDamaged;
}

// False when the bytes at the position are no group that continues the log.
base::Result<bool> SegmentScanner::enter_group() {
  TALLY_ASSIGN(const Bytes bytes, peek(kGroupHeaderBytes));
  const auto header = parse_group_header(bytes);
  if (!header) {
    set_damaged(bytes.size() < kGroupHeaderBytes ? "the file ends inside a group header" : "no group header");
    return false;
  }
  if (header->first_sequence != sequence_ || header->record_count == 0) {
    set_damaged("the group begins with another sequence number");
    return false;
  }
  group_ = {sequence_, offset()};
  durable_through_ = std::max(durable_through_, header->durable_through);
  at_ += kGroupHeaderBytes;
  group_end_ = offset() + header->byte_length;
  if (group_end_ > end_) {
    set_damaged("the file ends inside a group");
    return false;
  }
  left_in_group_ = header->record_count;
  return true;
}

base::Result<ScanState> SegmentScanner::next(ScannedRecord& record) {
  if (!damage_.empty()) {
    return ScanState::kDamaged;
  }
  if (left_in_group_ == 0) {
    if (offset() >= end_) {
      return ScanState::kEnd;
    }
    TALLY_ASSIGN(const bool is_group, enter_group());
    if (!is_group) {
      return ScanState::kDamaged;
    }
  }
  TALLY_ASSIGN(Bytes bytes, peek(kFrameHeaderBytes));
  const std::size_t size = frame_size(bytes);
  if (size == 0 || offset() + size > group_end_) {
    return set_damaged("a record is longer than its group");
  }
  TALLY_ASSIGN(bytes, peek(size));
  record.frame = parse_frame(bytes);
  if (record.frame.state == FrameState::kBadEntry || record.frame.state == FrameState::kIncomplete) {
    return set_damaged("the record does not match its checksum");
  }
  record.sequence = sequence_;
  record.offset = offset();
  record.bytes = bytes.first(size);
  at_ += size;
  ++sequence_;
  --left_in_group_;
  if (left_in_group_ == 0) {
    if (offset() != group_end_) {
      return set_damaged("the group is longer than its records");
    }
    whole_ = {sequence_, group_end_};
  }
  return ScanState::kRecord;
}

base::Result<void> SegmentScanner::skip_to(std::uint64_t sequence) {
  while (sequence_ < sequence && damage_.empty()) {
    if (left_in_group_ == 0) {
      if (offset() >= end_) {
        break;
      }
      TALLY_ASSIGN(const bool is_group, enter_group());
      if (!is_group) {
        break;
      }
      if (sequence_ + left_in_group_ <= sequence) {  // not in this group
        sequence_ += left_in_group_;
        left_in_group_ = 0;
        const std::uint64_t step = group_end_ - offset();
        if (step <= filled_ - at_) {
          at_ += static_cast<std::size_t>(step);
        } else {
          buffer_offset_ = group_end_;
          at_ = filled_ = 0;
        }
        continue;
      }
    }
    TALLY_ASSIGN(const Bytes bytes, peek(kFrameHeaderBytes));
    const std::size_t size = frame_size(bytes);
    if (size == 0 || offset() + size > group_end_) {
      set_damaged("a record is longer than its group");
      break;
    }
    TALLY_TRY(peek(size));
    at_ += size;
    ++sequence_;
    --left_in_group_;
  }
  return {};
}

}  // namespace tallystick::journal
