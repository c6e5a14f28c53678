#pragma once
// The parts of an open journal, in the order in which they depend on each other. Private to the room.

#include <atomic>
#include <memory>
#include <mutex>

#include "journal/checkpointer.h"
#include "journal/journal.h"
#include "journal/recovery.h"

namespace tallystick::journal {

// Holds the lock on the directory.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock();
  // Error code: "journal_locked".
  [[nodiscard]] base::Result<void> take(const std::filesystem::path& path);

 private:
  int descriptor_ = -1;
};

struct Journal::State {
  State(const Options& the_options,
        const base::Clock& the_clock,
        base::Random& the_random,
        const crypto::Ed25519Key& the_key,
        std::unique_ptr<FileSystem> the_files)
      : options(the_options),
        clock(the_clock),
        random(the_random),
        key(the_key),
        layout{the_options.directory},
        files(std::move(the_files)),
        tail(layout.segments()) {}

  const Options options;
  const base::Clock& clock;
  base::Random& random;
  const crypto::Ed25519Key& key;
  const Layout layout;
  std::unique_ptr<FileSystem> files;
  DirectoryLock lock;
  Tail tail;
  Tree tree;
  std::mutex administering;  // erasure and retention: one at a time
  std::mutex drawing;        // of `random`
  RetentionState retention;
  std::unique_ptr<Checkpointer> checkpointer;
  std::unique_ptr<Writer> writer;

  [[nodiscard]] base::Result<void> start();
  [[nodiscard]] base::Result<std::uint64_t> append(const RecordHeader& header,
                                                   std::string_view fields,
                                                   std::string_view personal);
  // Journals the erasure, zeroes, journals that it is done.
  [[nodiscard]] base::Result<ErasureReport> carry_out(const PendingErasure& erasure);
  [[nodiscard]] base::Result<std::string> entry_of(std::uint64_t sequence);
};

}  // namespace tallystick::journal
