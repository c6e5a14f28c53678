#pragma once
// Signs and persists checkpoints, at least one per interval while the log grows, and writes the index files of sealed
// segments, on a thread of its own. A persisted checkpoint never covers a record that is not durable. Thread-safe.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "crypto/ed25519.h"
#include "journal/id_index.h"
#include "journal/journal.h"
#include "journal/layout.h"
#include "journal/tail.h"
#include "journal/writer.h"

namespace tallystick::journal {

class Checkpointer {
 public:
  Checkpointer(const Options& options,
               const crypto::Ed25519Key& key,
               FileSystem& files,
               Tail& tail,
               Tree& tree,
               std::string latest,
               std::uint64_t latest_size);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Called after every sync: wakes the thread only when it waits for just that.
  void on_grown() {
    if (is_idle_) {
      wake_.notify_one();
    }
  }
  void add_sealed(std::uint64_t first_sequence, std::shared_ptr<GrowingIndex> index);
  // Of everything durable now.
  [[nodiscard]] base::Result<std::string> make();
  // The latest one, and the size it covers.
  [[nodiscard]] std::pair<std::string, std::uint64_t> latest() const;
  void stop();

 private:
  using Sealed = std::vector<std::pair<std::uint64_t, std::shared_ptr<GrowingIndex>>>;
  void run();
  void save_indexes(const Sealed& sealed);

  const Options options_;
  const Layout layout_;
  const crypto::Ed25519Key& key_;
  FileSystem& files_;
  Tail& tail_;
  Tree& tree_;

  std::mutex making_;  // one at a time: the file never goes back
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string latest_;
  std::uint64_t latest_size_;
  Sealed sealed_;
  bool is_stopping_ = false;
  std::atomic<bool> is_idle_ = false;
  std::thread thread_;
};

}  // namespace tallystick::journal
