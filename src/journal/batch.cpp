#include "journal/batch.h"

#include <cstring>
#include <span>
#include <stdexcept>

#include "journal/crc32c.h"
#include "journal/frame.h"
#include "journal/merkle.h"

namespace tallystick::journal {
namespace {

void store_u16(std::uint8_t* at, std::size_t value) {
  const auto narrow = static_cast<std::uint16_t>(value);
  std::memcpy(at, &narrow, sizeof narrow);
}

void store_u32(std::uint8_t* at, std::uint32_t value) {
  std::memcpy(at, &value, sizeof value);
}

}  // namespace

std::size_t Batch::add(const RecordHeader& header,
                       std::string_view fields,
                       std::string_view personal,
                       base::Random& random) {
  const std::size_t entry_length = kEntryHeaderBytes + fields.size();
  const std::size_t personal_length = personal.empty() ? 0 : kSaltBytes + personal.size();
  if (entry_length > kMaxEntryBytes || personal_length > kMaxPersonalBytes) {
    throw std::length_error("A journal record is longer than its limit.");
  }
  const std::size_t offset = frames_.size();
  const std::size_t length =
      kFrameHeaderBytes + entry_length + (personal_length == 0 ? 0 : kPersonalChecksumBytes + personal_length);
  if (offset + length > UINT32_MAX) {
    throw std::length_error("A journal batch is longer than its limit.");
  }
  frames_.resize(offset + length);
  std::uint8_t* const frame = frames_.data() + offset;
  std::uint8_t* const entry = frame + kFrameHeaderBytes;

  Entry parsed{header.kind, header.window, header.received_at, header.event_id, {}, {}};
  if (personal_length != 0) {
    std::uint8_t* const checksum = entry + entry_length;
    const std::span salted(checksum + kPersonalChecksumBytes, personal_length);
    random.fill(salted.first(kSaltBytes));
    std::memcpy(salted.data() + kSaltBytes, personal.data(), personal.size());
    store_u32(checksum, crc32c(salted));
    parsed.commitment = make_commitment(salted);
  }
  write_entry_header(parsed, entry);
  if (!fields.empty()) {
    std::memcpy(entry + kEntryHeaderBytes, fields.data(), fields.size());
  }
  store_u16(frame, entry_length);
  store_u16(frame + 2, personal_length);
  const Bytes entry_bytes(entry, entry_length);
  store_u32(frame + 4, crc32c(entry_bytes, crc32c(Bytes(frame, 4))));

  Item& item = items_.emplace_back();
  item.header = header;
  item.offset = static_cast<std::uint32_t>(offset);
  item.length = static_cast<std::uint32_t>(length);
  item.leaf = leaf_hash(entry_bytes);
  return items_.size() - 1;
}

void Batch::clear() {
  frames_.clear();
  items_.clear();
  error_.reset();
}

}  // namespace tallystick::journal
