#include "journal/erasure.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

#include "journal/codec.h"
#include "journal/reader.h"

namespace tallystick::journal {
namespace {

struct DigestHash {
  std::size_t operator()(const crypto::Digest& digest) const noexcept {
    std::size_t hash = 0;  // of an HMAC: any part of it is as good as a hash
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

struct Session {
  std::vector<std::uint64_t> unnamed;  // records of the session that name nobody
  bool is_shared = false;              // it names another user too
};
using Sessions = std::unordered_map<crypto::Digest, Session, DigestHash>;

base::Result<std::optional<Personal>> personal_of(const Record& record) {
  if (record.personal.empty()) {
    return std::optional<Personal>();
  }
  TALLY_ASSIGN(const Personal personal, decode_personal(record.personal));
  return std::optional<Personal>(personal);
}

base::Result<Sessions> find_sessions(const Tail& tail, FileSystem& files, const crypto::Digest& user) {
  Sessions sessions;
  TailReader reader(tail, files, 0);
  Record record;
  for (;;) {
    TALLY_ASSIGN(const bool has_record, reader.next(record, 0));
    if (!has_record) {
      return sessions;
    }
    TALLY_ASSIGN(const auto personal, personal_of(record));
    if (personal && personal->user == user && personal->session) {
      sessions.try_emplace(*personal->session);
    }
  }
}

// One segment's file opened for writing, and a scanner that only moves forward in it.
class Eraser {
 public:
  Eraser(const Tail& tail, FileSystem& files) : tail_(tail), files_(files) {}

  // Enters the segment that holds the record; false when it was dropped.
  base::Result<bool> enter(std::uint64_t sequence) {
    const auto view = tail_.find(sequence);
    if (!view || view->first > sequence) {
      return false;
    }
    const bool is_same = scanner_ && view->first == view_.first;
    if (!is_same) {
      TALLY_TRY(finish());
      TALLY_ASSIGN(file_, files_.open(tail_.path_of(view->first), OpenMode::kReadWrite));
    }
    view_ = *view;
    const GroupPosition near = view_.index->locate(sequence);
    if (!is_same || near.offset > scanner_->offset()) {
      scanner_.emplace(*file_, near, view_.body_end);
    }
    TALLY_TRY(scanner_->skip_to(sequence));
    return true;
  }

  // The next record of the segment, zeroed when it has a personal part; false at the end of the segment.
  base::Result<bool> zero_next(std::uint64_t& zeroed) {
    ScannedRecord record;
    TALLY_ASSIGN(const ScanState state, scanner_->next(record));
    if (state == ScanState::kDamaged) {
      return base::fail(
          base::ErrorKind::kCorrupt, "journal_corrupt", segment_name(view_.first) + ": " + scanner_->damage());
    }
    if (state == ScanState::kEnd) {
      return false;
    }
    const bool is_present =
        record.frame.state == FrameState::kBadPersonal || record.frame.personal_state == PersonalState::kPresent;
    if (is_present) {
      static constexpr std::array<std::uint8_t, kPersonalChecksumBytes + kMaxPersonalBytes> kZeros{};
      const Bytes zeros = Bytes(kZeros).first(record.bytes.size() - record.frame.personal_offset);
      TALLY_TRY(file_->write_at(std::span(&zeros, 1), record.offset + record.frame.personal_offset));
      is_dirty_ = true;
      ++zeroed;
    }
    return true;
  }

  [[nodiscard]] std::uint64_t segment_end() const { return view_.end; }

  base::Result<void> finish() {
    if (std::exchange(is_dirty_, false)) {
      TALLY_TRY(file_->sync());
    }
    return {};
  }

 private:
  const Tail& tail_;
  FileSystem& files_;
  SegmentView view_;
  std::unique_ptr<File> file_;
  std::optional<SegmentScanner> scanner_;
  bool is_dirty_ = false;
};

}  // namespace

base::Result<ErasureTargets> find_user_records(const Tail& tail, FileSystem& files, const crypto::Digest& user) {
  ErasureTargets targets;
  TALLY_ASSIGN(Sessions sessions, find_sessions(tail, files, user));
  TailReader reader(tail, files, 0);
  Record record;
  for (;;) {
    TALLY_ASSIGN(const bool has_record, reader.next(record, 0));
    if (!has_record) {
      break;
    }
    ++targets.records_scanned;
    TALLY_ASSIGN(const auto personal, personal_of(record));
    if (!personal) {
      continue;
    }
    if (personal->user == user) {
      targets.sequences.push_back(record.sequence);
    }
    if (!personal->session || personal->user == user) {
      continue;
    }
    const auto session = sessions.find(*personal->session);
    if (session != sessions.end()) {
      if (personal->user) {
        session->second.is_shared = true;
      } else {
        session->second.unnamed.push_back(record.sequence);
      }
    }
  }
  for (const auto& [digest, session] : sessions) {
    if (!session.is_shared) {
      targets.sequences.insert(targets.sequences.end(), session.unnamed.begin(), session.unnamed.end());
    }
  }
  std::sort(targets.sequences.begin(), targets.sequences.end());
  return targets;
}

base::Result<std::uint64_t> find_first_not_before(const Tail& tail,
                                                  FileSystem& files,
                                                  std::uint64_t from,
                                                  base::Timestamp before) {
  std::uint64_t end = std::max(from, tail.first());
  for (const SegmentView& view : tail.segments()) {
    if (view.end <= end || view.last_received < before) {
      end = std::max(end, view.end);
      continue;
    }
    TailReader reader(tail, files, end);
    Record record;
    while (reader.position() < view.end) {
      TALLY_ASSIGN(const bool has_record, reader.next(record, 0));
      if (!has_record || record.received_at >= before) {
        break;
      }
      end = record.sequence + 1;
    }
    break;
  }
  return end;
}

base::Result<std::uint64_t> zero_personal(const Tail& tail,
                                          FileSystem& files,
                                          const PendingErasure& erasure,
                                          std::uint64_t from) {
  std::uint64_t zeroed = 0;
  Eraser eraser(tail, files);
  for (const std::uint64_t sequence : erasure.sequences) {
    TALLY_ASSIGN(const bool is_kept, eraser.enter(sequence));
    if (is_kept) {
      TALLY_TRY(eraser.zero_next(zeroed));
    }
  }
  for (std::uint64_t at = std::max(from, tail.first()); at < erasure.below_sequence;) {
    TALLY_ASSIGN(const bool is_kept, eraser.enter(at));
    if (!is_kept) {
      break;
    }
    const std::uint64_t end = std::min(erasure.below_sequence, eraser.segment_end());
    for (; at < end; ++at) {
      TALLY_TRY(eraser.zero_next(zeroed));
    }
  }
  TALLY_TRY(eraser.finish());
  return zeroed;
}

}  // namespace tallystick::journal
