#pragma once
// Paths inside a journal directory, and the two small state files of erasure and retention (docs/journal-format.md).

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "journal/event.h"
#include "journal/file.h"

namespace tallystick::journal {

struct Layout {
  std::filesystem::path directory;

  [[nodiscard]] std::filesystem::path segments() const { return directory / "segments"; }
  [[nodiscard]] std::filesystem::path indexes() const { return directory / "index"; }
  [[nodiscard]] std::filesystem::path tree() const { return directory / "tree"; }
  [[nodiscard]] std::filesystem::path checkpoint() const { return directory / "checkpoint"; }
  [[nodiscard]] std::filesystem::path verifier_key() const { return directory / "verifier-key"; }
  [[nodiscard]] std::filesystem::path lock() const { return directory / "lock"; }
  [[nodiscard]] std::filesystem::path retention() const { return directory / "retention"; }
  [[nodiscard]] std::filesystem::path pending_erasure() const { return directory / "erasure"; }
};

// How far retention has come. Absent file: nowhere.
struct RetentionState {
  std::uint64_t dropped_below = 0;  // whole segments before this sequence are deleted
  std::uint64_t erased_below = 0;   // personal parts before this sequence are zeroed
};
[[nodiscard]] base::Result<RetentionState> load_retention(FileSystem& files, const Layout& layout);
[[nodiscard]] base::Result<void> save_retention(FileSystem& files, const Layout& layout, const RetentionState& state);

// An erasure from before it is journaled until it is done, so that a crash in between cannot leave half of it.
struct PendingErasure {
  ErasureCause cause = ErasureCause::kPerson;
  std::vector<std::uint64_t> sequences;  // ascending
  std::uint64_t below_sequence = 0;

  [[nodiscard]] bool covers(std::uint64_t sequence) const;
};
[[nodiscard]] base::Result<std::optional<PendingErasure>> load_pending_erasure(FileSystem& files, const Layout& layout);
[[nodiscard]] base::Result<void> save_pending_erasure(FileSystem& files,
                                                      const Layout& layout,
                                                      const PendingErasure& erasure);

}  // namespace tallystick::journal
