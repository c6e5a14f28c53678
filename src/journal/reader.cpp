#include "journal/reader.h"

#include <algorithm>

#include <fmt/format.h>

namespace tallystick::journal {

base::Error TailReader::corrupt(std::uint64_t offset, std::string_view what) const {
  return {base::ErrorKind::kCorrupt,
          "journal_corrupt",
          fmt::format("{} at offset {}, record {}: {}", segment_name(view_.first), offset, position_, what)};
}

base::Result<void> TailReader::enter_segment() {
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto view = tail_.find(position_);
    if (!view) {
      return std::unexpected(corrupt(0, "a durable record has no segment"));
    }
    position_ = std::max(position_, view->first);  // older ones were dropped
    if (scanner_ && view->first == view_.first) {
      view_ = *std::move(view);
      scanner_->set_end(view_.body_end);
      return {};
    }
    scanner_.reset();
    auto file = files_.open(tail_.path_of(view->first), OpenMode::kRead);
    if (!file && file.error().code == "file_missing" && tail_.first() > view->first) {
      continue;  // dropped between the two calls
    }
    if (!file) {
      return std::unexpected(std::move(file).error());
    }
    view_ = *std::move(view);
    file_ = *std::move(file);
    scanner_.emplace(*file_, view_.index->locate(position_), view_.body_end);
    return scanner_->skip_to(position_);
  }
  return std::unexpected(corrupt(0, "its segment is missing"));
}

// The personal part was read while it was being zeroed, most likely.
base::Result<void> TailReader::read_again() {
  again_.resize(scanned_.bytes.size());
  TALLY_TRY(file_->read_at(again_, scanned_.offset));
  scanned_.bytes = again_;
  scanned_.frame = parse_frame(again_);
  if (scanned_.frame.state == FrameState::kBadPersonal) {
    scanned_.frame.state = FrameState::kWhole;
    scanned_.frame.personal_state = PersonalState::kErased;
  }
  return {};
}

base::Result<bool> TailReader::next(Record& record, std::int64_t wait_us) {
  if (position_ >= known_size_) {
    known_size_ = tail_.wait_beyond(position_, wait_us);
    if (position_ >= known_size_) {
      return false;
    }
  }
  if (!scanner_ || position_ >= view_.end) {
    TALLY_TRY(enter_segment());
  }
  TALLY_ASSIGN(const ScanState state, scanner_->next(scanned_));
  if (state != ScanState::kRecord || scanned_.sequence != position_) {
    return std::unexpected(corrupt(scanner_->damage_offset(), scanner_->damage()));
  }
  if (scanned_.frame.state == FrameState::kBadPersonal) {
    TALLY_TRY(read_again());
  }
  const auto entry = parse_entry(scanned_.frame.entry);
  if (!entry) {
    return std::unexpected(corrupt(scanned_.offset, "the entry has an unknown form"));
  }
  record.sequence = position_++;
  record.kind = entry->kind;
  record.event_id = entry->event_id;
  record.received_at = entry->received_at;
  record.entry = scanned_.frame.entry;
  record.fields = entry->fields;
  record.personal = scanned_.frame.personal;
  record.is_erased = scanned_.frame.personal_state == PersonalState::kErased;
  return true;
}

}  // namespace tallystick::journal
