#pragma once
// The class that the last revision of an event gave it, of the revisions that were loaded lately: nearly every event
// that is judged anew was loaded a moment ago, and need not be looked for in the warehouse. Bounded. One thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "journal/event.h"

namespace tallystick::warehouse {

class RevisedClasses {
 public:
  // Of events from `first` on no revision was loaded before.
  explicit RevisedClasses(std::uint64_t first) : known_from_(first) {}

  // Before the revisions of the records from `first` on: forgets, when there are many, what came before.
  void begin(std::uint64_t first) {
    if (classes_.size() > kMaxKept) {
      classes_.clear();
      known_from_ = first;
    }
  }
  // Whether find() tells all there is about that event. If not, the warehouse may know of a revision.
  [[nodiscard]] bool knows(std::uint64_t sequence) const {
    return sequence >= known_from_ || classes_.contains(sequence);
  }
  // None: it was not revised.
  [[nodiscard]] std::optional<journal::VerdictClass> find(std::uint64_t sequence) const {
    const auto found = classes_.find(sequence);
    return found == classes_.end() ? std::nullopt : std::optional(found->second);
  }
  void remember(std::uint64_t sequence, journal::VerdictClass verdict_class) { classes_[sequence] = verdict_class; }

 private:
  static constexpr std::size_t kMaxKept = 1'000'000;

  std::uint64_t known_from_;
  std::unordered_map<std::uint64_t, journal::VerdictClass> classes_;  // by sequence of the event
};

}  // namespace tallystick::warehouse
