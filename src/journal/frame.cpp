#include "journal/frame.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/encoding.h"
#include "journal/crc32c.h"

namespace tallystick::journal {
namespace {

static_assert(std::endian::native == std::endian::little, "The files are little-endian and are read in place.");

constexpr std::array<char, 8> kSegmentMagic = {'T', 'A', 'L', 'L', 'Y', 'S', 'E', 'G'};
constexpr std::array<char, 8> kFooterMagic = {'T', 'A', 'L', 'L', 'Y', 'E', 'N', 'D'};
constexpr std::uint32_t kGroupMagic = 0x50524754;  // "TGRP"
constexpr std::uint32_t kFormatVersion = 1;

// First version, kind, window, reserved; then received_at, event id, commitment.
constexpr std::size_t kReceivedAtOffset = 4;
constexpr std::size_t kEventIdOffset = 12;
constexpr std::size_t kCommitmentOffset = 28;
static_assert(kCommitmentOffset + 32 == kEntryHeaderBytes);

template <typename T>
void store(std::uint8_t* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <typename T>
T load(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// The last four bytes guard those before.
template <std::size_t Size>
void seal(std::array<std::uint8_t, Size>& bytes) {
  store(bytes.data() + Size - 4, crc32c(Bytes(bytes).first(Size - 4)));
}

bool is_sealed(Bytes bytes, std::size_t size) {
  return bytes.size() >= size && load<std::uint32_t>(bytes.data() + size - 4) == crc32c(bytes.first(size - 4));
}

}  // namespace

bool is_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::array<std::uint8_t, kSegmentHeaderBytes> make_segment_header(const SegmentHeader& header) {
  std::array<std::uint8_t, kSegmentHeaderBytes> bytes{};
  std::memcpy(bytes.data(), kSegmentMagic.data(), 8);
  store(bytes.data() + 8, kFormatVersion);
  store(bytes.data() + 12, static_cast<std::uint32_t>(kSegmentHeaderBytes));
  store(bytes.data() + 16, header.first_sequence);
  store(bytes.data() + 24, header.created_at.us);
  seal(bytes);
  return bytes;
}

std::optional<SegmentHeader> parse_segment_header(Bytes bytes) {
  if (!is_sealed(bytes, kSegmentHeaderBytes) || std::memcmp(bytes.data(), kSegmentMagic.data(), 8) != 0 ||
      load<std::uint32_t>(bytes.data() + 8) != kFormatVersion) {
    return std::nullopt;
  }
  return SegmentHeader{load<std::uint64_t>(bytes.data() + 16), {load<std::int64_t>(bytes.data() + 24)}};
}

std::array<std::uint8_t, kSegmentFooterBytes> make_segment_footer(const SegmentFooter& footer) {
  std::array<std::uint8_t, kSegmentFooterBytes> bytes{};
  std::memcpy(bytes.data(), kFooterMagic.data(), 8);
  store(bytes.data() + 8, footer.first_sequence);
  store(bytes.data() + 16, footer.end_sequence);
  store(bytes.data() + 24, footer.body_end);
  store(bytes.data() + 32, footer.first_received.us);
  store(bytes.data() + 40, footer.last_received.us);
  seal(bytes);
  return bytes;
}

std::optional<SegmentFooter> parse_segment_footer(Bytes bytes) {
  if (!is_sealed(bytes, kSegmentFooterBytes) || std::memcmp(bytes.data(), kFooterMagic.data(), 8) != 0) {
    return std::nullopt;
  }
  SegmentFooter footer;
  footer.first_sequence = load<std::uint64_t>(bytes.data() + 8);
  footer.end_sequence = load<std::uint64_t>(bytes.data() + 16);
  footer.body_end = load<std::uint64_t>(bytes.data() + 24);
  footer.first_received.us = load<std::int64_t>(bytes.data() + 32);
  footer.last_received.us = load<std::int64_t>(bytes.data() + 40);
  return footer;
}

std::array<std::uint8_t, kGroupHeaderBytes> make_group_header(const GroupHeader& header) {
  std::array<std::uint8_t, kGroupHeaderBytes> bytes{};
  store(bytes.data(), kGroupMagic);
  store(bytes.data() + 4, header.record_count);
  store(bytes.data() + 8, header.byte_length);
  store(bytes.data() + 16, header.first_sequence);
  store(bytes.data() + 24, header.durable_through);
  seal(bytes);
  return bytes;
}

std::optional<GroupHeader> parse_group_header(Bytes bytes) {
  if (bytes.size() < kGroupHeaderBytes || load<std::uint32_t>(bytes.data()) != kGroupMagic ||
      !is_sealed(bytes, kGroupHeaderBytes)) {
    return std::nullopt;
  }
  GroupHeader header;
  header.record_count = load<std::uint32_t>(bytes.data() + 4);
  header.byte_length = load<std::uint32_t>(bytes.data() + 8);
  header.first_sequence = load<std::uint64_t>(bytes.data() + 16);
  header.durable_through = load<std::uint64_t>(bytes.data() + 24);
  return header;
}

std::size_t frame_size(Bytes bytes) {
  if (bytes.size() < kFrameHeaderBytes) {
    return 0;
  }
  const auto entry_length = load<std::uint16_t>(bytes.data());
  const auto personal_length = load<std::uint16_t>(bytes.data() + 2);
  return kFrameHeaderBytes + entry_length + (personal_length == 0 ? 0U : kPersonalChecksumBytes + personal_length);
}

Frame parse_frame(Bytes bytes) {
  Frame frame;
  const std::size_t size = frame_size(bytes);
  if (size == 0) {
    return frame;
  }
  const auto entry_length = load<std::uint16_t>(bytes.data());
  const auto personal_length = load<std::uint16_t>(bytes.data() + 2);
  if (entry_length < kEntryHeaderBytes || entry_length > kMaxEntryBytes || personal_length > kMaxPersonalBytes ||
      (personal_length > 0 && personal_length <= kSaltBytes)) {
    frame.state = FrameState::kBadEntry;
    return frame;
  }
  if (bytes.size() < size) {
    return frame;
  }
  const Bytes entry = bytes.subspan(kFrameHeaderBytes, entry_length);
  if (load<std::uint32_t>(bytes.data() + 4) != crc32c(entry, crc32c(bytes.first(4)))) {
    frame.state = FrameState::kBadEntry;
    return frame;
  }
  frame.state = FrameState::kWhole;
  frame.size = size;
  frame.entry = base::as_text(entry);
  if (personal_length == 0) {
    return frame;
  }
  frame.personal_offset = kFrameHeaderBytes + entry_length;
  const Bytes personal = bytes.subspan(frame.personal_offset + kPersonalChecksumBytes, personal_length);
  const auto checksum = load<std::uint32_t>(bytes.data() + frame.personal_offset);
  if (checksum == 0 && is_zero(personal)) {
    frame.personal_state = PersonalState::kErased;
  } else if (checksum == crc32c(personal)) {
    frame.personal_state = PersonalState::kPresent;
    frame.salt = base::as_text(personal.first(kSaltBytes));
    frame.personal = base::as_text(personal.subspan(kSaltBytes));
  } else {
    frame.state = FrameState::kBadPersonal;
  }
  return frame;
}

std::optional<Entry> parse_entry(std::string_view bytes) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (bytes.size() < kEntryHeaderBytes || at[0] != kEntryVersion || at[1] == 0 ||
      at[1] > static_cast<std::uint8_t>(RecordKind::kErasureDone) ||
      at[2] > static_cast<std::uint8_t>(DedupeWindow::kLong)) {
    return std::nullopt;
  }
  Entry entry;
  entry.kind = static_cast<RecordKind>(at[1]);
  entry.window = static_cast<DedupeWindow>(at[2]);
  entry.received_at.us = load<std::int64_t>(at + kReceivedAtOffset);
  std::memcpy(entry.event_id.bytes.data(), at + kEventIdOffset, 16);
  std::memcpy(entry.commitment.data(), at + kCommitmentOffset, 32);
  entry.fields = bytes.substr(kEntryHeaderBytes);
  return entry;
}

void write_entry_header(const Entry& entry, std::uint8_t* out) {
  out[0] = kEntryVersion;
  out[1] = static_cast<std::uint8_t>(entry.kind);
  out[2] = static_cast<std::uint8_t>(entry.window);
  out[3] = 0;
  store(out + kReceivedAtOffset, entry.received_at.us);
  std::memcpy(out + kEventIdOffset, entry.event_id.bytes.data(), 16);
  std::memcpy(out + kCommitmentOffset, entry.commitment.data(), 32);
}

crypto::Digest make_commitment(Bytes salted_personal) {
  return crypto::sha256(salted_personal);
}

}  // namespace tallystick::journal
