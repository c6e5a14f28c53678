#pragma once
// Walks the records of a journal directory without opening it for writing, also while a server appends to it. One
// thread.

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "journal/frame.h"

namespace tallystick::cli {

struct ScannedEntry {
  std::uint64_t sequence = 0;
  journal::Entry entry;  // views are valid during the call
  journal::PersonalState personal_state = journal::PersonalState::kNone;
};

// From `from_sequence` on, oldest first; `visit` returns false to stop. Ends at the first group that is not whole,
// which is where a live log ends. Error code: "journal_missing".
[[nodiscard]] base::Result<void> scan_journal(const std::filesystem::path& journal_directory,
                                              std::uint64_t from_sequence,
                                              const std::function<bool(const ScannedEntry&)>& visit);

}  // namespace tallystick::cli
