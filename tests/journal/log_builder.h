#pragma once
// Writes a journal directory by the letter of docs/journal-format.md, without the writer: so that verification is held
// against the format and not against the program that it checks.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "journal/checkpoint.h"
#include "journal/codec.h"
#include "journal/crc32c.h"
#include "journal/frame.h"
#include "journal/layout.h"
#include "journal/merkle.h"
#include "journal/segment.h"
#include "journal/tile_store.h"

namespace tallystick::journal {

class LogBuilder {
 public:
  explicit LogBuilder(std::filesystem::path directory) : layout_{std::move(directory)} {
    std::filesystem::create_directories(layout_.segments());
    open_segment();
  }

  static constexpr std::string_view kOrigin = "example.org/log";
  [[nodiscard]] const crypto::Ed25519Key& key() const { return key_; }
  [[nodiscard]] VerifierKey verifier() const { return make_verifier_key(kOrigin, key_.public_key()); }
  [[nodiscard]] std::uint64_t size() const { return leaves_.size(); }
  [[nodiscard]] const std::vector<crypto::Digest>& leaves() const { return leaves_; }

  // Stages a record in the group. Personal values get a fixed salt.
  void add(RecordKind kind, const base::Uuid& event_id, std::string_view fields, std::string_view personal) {
    Entry entry;
    entry.kind = kind;
    entry.event_id = event_id;
    entry.received_at = {1'700'000'000'000'000 + static_cast<std::int64_t>(leaves_.size())};
    const std::string salted = personal.empty() ? "" : std::string(kSaltBytes, 's') + std::string(personal);
    if (!salted.empty()) {
      entry.commitment = crypto::sha256(salted);
    }
    std::string bytes(kEntryHeaderBytes, '\0');
    write_entry_header(entry, reinterpret_cast<std::uint8_t*>(bytes.data()));
    bytes += fields;
    std::string lengths;
    put16(bytes.size(), lengths);
    put16(salted.size(), lengths);
    frame_offsets_.push_back(segment_.size() + kGroupHeaderBytes + group_.size());
    frame_segments_.push_back(first_);
    group_ += lengths;
    put32(crc32c(base::as_bytes(bytes), crc32c(base::as_bytes(lengths))), group_);
    group_ += bytes;
    if (!salted.empty()) {
      put32(crc32c(base::as_bytes(salted)), group_);
      group_ += salted;
    }
    personal_sizes_.push_back(salted.size());
    entry_sizes_.push_back(bytes.size());
    leaves_.push_back(leaf_hash(bytes));
    ++in_group_;
    last_received_ = entry.received_at;
    if (leaves_.size() - 1 == first_) {
      first_received_ = entry.received_at;
    }
  }

  // A click with a campaign, and personal values where wanted.
  void add_click(std::string_view campaign, std::string_view user_agent = "") {
    Click click;
    click.campaign = campaign;
    std::string fields;
    encode(click, fields);
    std::string personal;
    if (!user_agent.empty()) {
      Personal values;
      values.user_agent = user_agent;
      encode(values, personal);
    }
    base::Uuid id;
    id.bytes[0] = static_cast<std::uint8_t>(leaves_.size());
    add(RecordKind::kClick, id, fields, personal);
  }

  void add_erasure(RecordKind kind, const std::vector<std::uint64_t>& sequences, std::uint64_t below = 0) {
    std::string fields;
    encode(Erasure{below > 0 ? ErasureCause::kRetention : ErasureCause::kPerson, sequences, below}, fields);
    base::Uuid id;
    id.bytes[15] = 0xee;
    add(kind, id, fields, "");
  }

  void end_group() {
    if (in_group_ == 0) {
      return;
    }
    GroupHeader header;
    header.record_count = in_group_;
    header.byte_length = static_cast<std::uint32_t>(group_.size());
    header.first_sequence = leaves_.size() - in_group_;
    header.durable_through = header.first_sequence;
    append(make_group_header(header));
    segment_ += group_;
    group_.clear();
    in_group_ = 0;
  }

  void seal_segment() {
    end_group();
    append(make_segment_footer({first_, leaves_.size(), segment_.size(), first_received_, last_received_}));
    write_segment();
    first_ = leaves_.size();
    open_segment();
  }

  // Bytes behind the last whole group.
  void add_tail(std::string_view bytes) { segment_ += bytes; }

  // Writes everything; may be called again after more records.
  void finish() {
    end_group();
    write_segment();
    auto tree = *TileStore::open(layout_.tree());
    (void)tree->append(std::span(leaves_).subspan(tree->size()));
    (void)tree->flush();
    write(layout_.checkpoint(), checkpoint());
    write(layout_.verifier_key(), format_verifier_key(verifier()) + "\n");
  }

  [[nodiscard]] std::string checkpoint() const {
    Frontier frontier;
    for (const auto& leaf : leaves_) {
      frontier.append(leaf);
    }
    return make_checkpoint_note(kOrigin, frontier.size(), frontier.root(), key_);
  }

  [[nodiscard]] std::filesystem::path segment_of(std::uint64_t sequence) const {
    return layout_.segments() / segment_name(frame_segments_[sequence]);
  }
  [[nodiscard]] std::uint64_t offset_of(std::uint64_t sequence) const { return frame_offsets_[sequence]; }
  [[nodiscard]] std::uint64_t personal_offset_of(std::uint64_t sequence) const {
    return frame_offsets_[sequence] + kFrameHeaderBytes + entry_sizes_[sequence];
  }

  // Zeroes the first `bytes` of a personal part in the written file (all of it when not given).
  void erase(std::uint64_t sequence, std::size_t bytes = SIZE_MAX) const {
    const std::size_t all = kPersonalChecksumBytes + personal_sizes_[sequence];
    std::fstream file(segment_of(sequence), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(personal_offset_of(sequence)));
    file << std::string(std::min(bytes, all), '\0');
  }

 private:
  static void put16(std::size_t value, std::string& out) {
    out += static_cast<char>(value & 0xffU);
    out += static_cast<char>(value >> 8U & 0xffU);
  }
  static void put32(std::uint32_t value, std::string& out) {
    put16(value & 0xffffU, out);
    put16(value >> 16U, out);
  }
  template <std::size_t kSize>
  void append(const std::array<std::uint8_t, kSize>& bytes) {
    segment_ += base::as_text(bytes);
  }
  void open_segment() {
    segment_.clear();
    append(make_segment_header({first_, {1'700'000'000'000'000}}));
  }
  void write_segment() const { write(layout_.segments() / segment_name(first_), segment_); }
  static void write(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }

  const Layout layout_;
  crypto::Ed25519Key key_{crypto::Ed25519Seed{3}};
  std::string segment_;
  std::string group_;
  std::uint32_t in_group_ = 0;
  std::uint64_t first_ = 0;
  base::Timestamp first_received_{INT64_MAX};
  base::Timestamp last_received_{INT64_MIN};
  std::vector<crypto::Digest> leaves_;
  std::vector<std::uint64_t> frame_offsets_;
  std::vector<std::uint64_t> frame_segments_;
  std::vector<std::size_t> personal_sizes_;
  std::vector<std::size_t> entry_sizes_;
};

}  // namespace tallystick::journal
