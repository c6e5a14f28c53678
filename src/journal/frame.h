#pragma once
// The binary form of the journal's segment files (docs/journal-format.md): segment header, group header, record
// frame, entry and segment footer, each built and parsed by pure functions that writer, recovery, readers and
// verification share. Little-endian. Parsing checks lengths and checksums and never reads past `bytes`.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"
#include "journal/batch.h"
#include "journal/event.h"
#include "journal/file.h"

namespace tallystick::journal {

inline constexpr std::size_t kSegmentHeaderBytes = 40;
inline constexpr std::size_t kSegmentFooterBytes = 56;
inline constexpr std::size_t kGroupHeaderBytes = 40;
inline constexpr std::size_t kFrameHeaderBytes = 8;       // lengths and the entry's checksum
inline constexpr std::size_t kPersonalChecksumBytes = 4;  // only where there is a personal part
inline constexpr std::size_t kSaltBytes = 16;
inline constexpr std::size_t kEntryHeaderBytes = 60;
inline constexpr std::size_t kMaxPersonalBytes = 4096;  // with the salt
inline constexpr std::size_t kMaxFrameBytes =
    kFrameHeaderBytes + kMaxEntryBytes + kPersonalChecksumBytes + kMaxPersonalBytes;
inline constexpr std::uint8_t kEntryVersion = 1;

[[nodiscard]] bool is_zero(Bytes bytes);

struct SegmentHeader {
  std::uint64_t first_sequence = 0;
  base::Timestamp created_at;
};
[[nodiscard]] std::array<std::uint8_t, kSegmentHeaderBytes> make_segment_header(const SegmentHeader& header);
[[nodiscard]] std::optional<SegmentHeader> parse_segment_header(Bytes bytes);

// Ends a segment that will never grow again.
struct SegmentFooter {
  std::uint64_t first_sequence = 0;
  std::uint64_t end_sequence = 0;  // of the next segment's first record
  std::uint64_t body_end = 0;      // file offset of this footer
  base::Timestamp first_received;  // earliest and latest of the records
  base::Timestamp last_received;
};
[[nodiscard]] std::array<std::uint8_t, kSegmentFooterBytes> make_segment_footer(const SegmentFooter& footer);
[[nodiscard]] std::optional<SegmentFooter> parse_segment_footer(Bytes bytes);

// Records that were written together.
struct GroupHeader {
  std::uint32_t record_count = 0;
  std::uint32_t byte_length = 0;  // of the frames that follow
  std::uint64_t first_sequence = 0;
  std::uint64_t durable_through = 0;  // number of records known durable when this group was written
};
[[nodiscard]] std::array<std::uint8_t, kGroupHeaderBytes> make_group_header(const GroupHeader& header);
[[nodiscard]] std::optional<GroupHeader> parse_group_header(Bytes bytes);

enum class FrameState : std::uint8_t {
  kWhole,
  kIncomplete,   // the bytes end inside the frame
  kBadEntry,     // lengths or entry do not match their checksum, or are impossible
  kBadPersonal,  // the entry is whole, the personal part is neither intact nor erased
};

enum class PersonalState : std::uint8_t { kNone, kPresent, kErased };

struct Frame {
  FrameState state = FrameState::kIncomplete;
  PersonalState personal_state = PersonalState::kNone;
  std::size_t size = 0;             // whole length; set unless kIncomplete or kBadEntry
  std::size_t personal_offset = 0;  // of the personal checksum, from the frame's start: zeroed from here by erasure
  std::string_view entry;
  std::string_view salt;
  std::string_view personal;  // without the salt
};
[[nodiscard]] Frame parse_frame(Bytes bytes);
// The size of the frame at the start of `bytes` from its lengths alone, unchecked; 0 when fewer than 8 bytes.
[[nodiscard]] std::size_t frame_size(Bytes bytes);

// The hashed bytes: a fixed header, then the fields.
struct Entry {
  RecordKind kind = RecordKind::kImpression;
  DedupeWindow window = DedupeWindow::kNone;
  base::Timestamp received_at;
  base::Uuid event_id;
  crypto::Digest commitment{};  // zero: there never was a personal part
  std::string_view fields;
};
[[nodiscard]] std::optional<Entry> parse_entry(std::string_view entry);
// `out` has kEntryHeaderBytes.
void write_entry_header(const Entry& entry, std::uint8_t* out);

// SHA-256(salt || personal).
[[nodiscard]] crypto::Digest make_commitment(Bytes salted_personal);

}  // namespace tallystick::journal
