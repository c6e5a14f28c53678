#pragma once
// The personal side of verification: zeroed personal parts must be covered by an erasure record, erased ones must be
// gone, and all others must match. Keeps four bits per record. One thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/uuid.h"
#include "journal/event.h"
#include "journal/frame.h"
#include "journal/layout.h"

namespace tallystick::journal {

class PersonalCheck {
 public:
  // `settled` is the size of a log whose erasures were carried out before reading began. `pending` is an erasure that
  // is under way: what it covers may be in any state.
  PersonalCheck(std::uint64_t first_sequence, std::uint64_t settled, std::optional<PendingErasure> pending)
      : first_(first_sequence), settled_(settled), pending_(std::move(pending)) {}

  // The next record, after its frame was found whole. The text says what is wrong with it, if anything.
  [[nodiscard]] std::optional<std::string> add(const Frame& frame, const Entry& entry);
  // A record appended after the last one that was added: an erasure explains what was already found zero.
  void add_late(const Entry& entry);
  // An erasure may begin while the log is read.
  void set_pending(std::optional<PendingErasure> pending) { pending_ = std::move(pending); }
  // A personal part that matches no checksum can only be half erased.
  [[nodiscard]] bool may_be_half_erased(std::uint64_t sequence) const { return pending_ && pending_->covers(sequence); }

  struct Finding {
    std::uint64_t sequence = 0;
    std::string what;
  };
  // When all records were added.
  [[nodiscard]] std::optional<Finding> find_damage() const;
  [[nodiscard]] std::uint64_t erased() const { return erased_count_; }

 private:
  struct Scope {
    std::vector<std::uint64_t> sequences;
    std::uint64_t below = 0;
  };

  [[nodiscard]] std::optional<std::string> add_erasure(const Entry& entry);
  void mark(const Scope& scope, std::vector<bool>& bits, std::uint64_t& below) const;

  const std::uint64_t first_;
  const std::uint64_t settled_;
  std::optional<PendingErasure> pending_;
  std::vector<bool> present_;
  std::vector<bool> erased_;
  std::vector<bool> covered_;  // an erasure record names it
  std::vector<bool> done_;     // and says that it is carried out
  std::uint64_t covered_below_ = 0;
  std::uint64_t done_below_ = 0;
  std::map<base::Uuid, Scope> open_;  // erasures not yet reported as carried out
  std::uint64_t erased_count_ = 0;
};

}  // namespace tallystick::journal
