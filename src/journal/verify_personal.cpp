#include "journal/verify_personal.h"

#include <algorithm>

#include "base/encoding.h"
#include "journal/codec.h"

namespace tallystick::journal {

std::optional<std::string> PersonalCheck::add(const Frame& frame, const Entry& entry) {
  const bool is_present = frame.state == FrameState::kWhole && frame.personal_state == PersonalState::kPresent;
  const bool is_erased = frame.state == FrameState::kWhole && frame.personal_state == PersonalState::kErased;
  const bool is_bad = frame.state == FrameState::kBadPersonal;
  present_.push_back(is_present);
  erased_.push_back(is_erased);
  covered_.push_back(false);
  done_.push_back(false);
  erased_count_ += is_erased ? 1 : 0;
  const bool has_part = is_present || is_erased || is_bad;
  if (has_part == (entry.commitment == crypto::Digest{})) {
    return has_part ? "there is a personal part, but the entry commits to none"
                    : "the entry commits to a personal part, but there is none";
  }
  if (is_present) {
    // Salt and values lie behind one another in the frame.
    const Bytes salted(reinterpret_cast<const std::uint8_t*>(frame.salt.data()),
                       frame.salt.size() + frame.personal.size());
    if (make_commitment(salted) != entry.commitment) {
      return "the personal part is not the one that the entry commits to";
    }
  }
  if (entry.kind == RecordKind::kErasure || entry.kind == RecordKind::kErasureDone) {
    return add_erasure(entry);
  }
  return std::nullopt;
}

std::optional<std::string> PersonalCheck::add_erasure(const Entry& entry) {
  const std::uint64_t sequence = first_ + present_.size() - 1;
  if (entry.kind == RecordKind::kErasureDone) {
    const auto found = open_.find(entry.event_id);
    if (found != open_.end()) {
      if (sequence < settled_) {
        mark(found->second, done_, done_below_);
      }
      open_.erase(found);
    }
    return std::nullopt;
  }
  Scope scope;
  const auto erasure = decode_erasure(entry.fields, scope.sequences);
  if (!erasure) {
    return "the erasure record does not decode";
  }
  scope.below = std::min(erasure->below_sequence, sequence);
  mark(scope, covered_, covered_below_);
  open_[entry.event_id] = std::move(scope);
  return std::nullopt;
}

void PersonalCheck::add_late(const Entry& entry) {
  Scope scope;
  if (entry.kind != RecordKind::kErasure) {
    return;
  }
  if (const auto erasure = decode_erasure(entry.fields, scope.sequences)) {
    scope.below = std::min(erasure->below_sequence, first_ + present_.size());
    mark(scope, covered_, covered_below_);
  }
}

void PersonalCheck::mark(const Scope& scope, std::vector<bool>& bits, std::uint64_t& below) const {
  below = std::max(below, scope.below);
  for (const std::uint64_t sequence : scope.sequences) {
    if (sequence >= first_ && sequence - first_ < bits.size()) {
      bits[sequence - first_] = true;
    }
  }
}

std::optional<PersonalCheck::Finding> PersonalCheck::find_damage() const {
  for (std::size_t i = 0; i < present_.size(); ++i) {
    const std::uint64_t sequence = first_ + i;
    if (!(present_[i] || erased_[i]) || may_be_half_erased(sequence)) {
      continue;
    }
    const bool is_covered = covered_[i] || sequence < covered_below_;
    const bool is_done = done_[i] || sequence < done_below_;
    if (erased_[i] && !is_covered) {
      return Finding{sequence, "the personal part is zero, and no erasure record says why"};
    }
    if (present_[i] && is_done) {
      return Finding{sequence, "the personal part is there, though an erasure record says that it is gone"};
    }
  }
  return std::nullopt;
}

}  // namespace tallystick::journal
