#pragma once
// Opening a journal directory: a torn tail is cut after the last whole group, the tree, the indexes and the memory of
// ids are rebuilt where they are short, and everything is refused that contradicts what is known to be durable
// (15-journal, "Append"). One thread, before the writer starts.

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "journal/layout.h"
#include "journal/writer.h"

namespace tallystick::crypto {
class Ed25519Key;
}

namespace tallystick::journal {

struct Recovered {
  WriterStart start;
  std::string checkpoint_note;  // empty: there was none
  std::uint64_t checkpoint_size = 0;
  RetentionState retention;
  std::optional<PendingErasure> pending_erasure;
};

// Fills `tail` and `tree`. Errors: kCorrupt "journal_corrupt", naming file, offset and record; "io_error"; "disk_full".
[[nodiscard]] base::Result<Recovered> recover(const Options& options,
                                              const base::Clock& clock,
                                              FileSystem& files,
                                              const crypto::Ed25519Key& key,
                                              Tail& tail,
                                              Tree& tree);

}  // namespace tallystick::journal
