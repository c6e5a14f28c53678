#pragma once
// Group commit (15-journal, "Append"): all submitted batches are taken at once, duplicates answered, the records
// numbered and written as one group; a sync makes it durable, the tree is extended, and the batches go back in order.
// A group whose write fails is taken back as a whole. Two threads: the syncing thread also writes what it will sync, so
// that a group costs one hand-over; the writing thread writes when a sync need not be waited for: large amounts while
// one is under way, and everything with sync = interval. At any time one of them appends.
// Invariant: ids remembered = records in the file and in the queue to it. submit(), flush() and the counters are
// thread-safe.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "journal/batch.h"
#include "journal/dedupe.h"
#include "journal/id_index.h"
#include "journal/journal.h"
#include "journal/segment_writer.h"
#include "journal/tail.h"
#include "journal/tile_store.h"

namespace tallystick::journal {

// The tree and the lock of whoever changes it.
struct Tree {
  std::unique_ptr<TileStore> tiles;
  std::mutex writing;
};

struct WriterStart {
  std::unique_ptr<SegmentWriter> segment;
  std::shared_ptr<GrowingIndex> index;
  Dedupe dedupe;
  base::Timestamp first_received{INT64_MAX};  // of the records in `segment`
  base::Timestamp last_received{INT64_MIN};
};

class Writer {
 public:
  // Called on a thread of the writer. `on_sealed` gets the index of a segment that is complete.
  struct Events {
    std::function<void()> on_grown;
    std::function<void(std::uint64_t first_sequence, std::shared_ptr<GrowingIndex> index)> on_sealed;
  };

  Writer(const Options& options,
         const base::Clock& clock,
         FileSystem& files,
         Tail& tail,
         Tree& tree,
         WriterStart start,
         Events events);
  // stop()s.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void submit(std::unique_ptr<Batch> batch, BatchOwner& owner);
  // Returns when everything written before the call is durable.
  [[nodiscard]] base::Result<void> flush();
  // Appends what was submitted, then refuses everything.
  void stop();

  void add_statistics(Statistics& statistics) const;

 private:
  struct Submission {
    std::unique_ptr<Batch> batch;
    BatchOwner* owner = nullptr;
  };
  // Records written together, on their way to durability.
  struct Group {
    std::vector<Submission> submissions;
    std::vector<crypto::Digest> leaves;
    std::vector<base::Uuid> ids;
    RecordKinds kinds;
    GroupPosition position;
    std::uint64_t end_offset = 0;
    base::Timestamp first_received{INT64_MAX};
    base::Timestamp last_received{INT64_MIN};
  };

  void set_reserve();
  void run_writing();
  [[nodiscard]] bool has_overlapping_work() const;
  [[nodiscard]] bool has_work_to_sync() const;
  [[nodiscard]] std::vector<Submission> take();
  void append_taken(std::unique_lock<std::mutex>& lock);
  void append(std::vector<Submission> taken);
  void write_group(Group& group);
  void stage(Batch& batch, Group& group, base::Timestamp now);
  void fail_batch(Batch& batch, const base::Error& error);
  void fail_group(Group& group, const base::Error& error);
  void hand_over(Group group);
  [[nodiscard]] base::Result<void> roll_segment();
  [[nodiscard]] base::Result<void> roll_segment_now();

  void run_syncing();
  [[nodiscard]] bool wait_for_groups(std::vector<Group>& groups);
  void commit(std::vector<Group>& groups);
  void recover_from_failed_sync(std::vector<Group>& groups, const base::Error& error);
  void extend_log(Group& group);
  void give_back(std::vector<Submission>& submissions);
  void set_failed(const base::Error& error);

  const Options options_;
  const base::Clock& clock_;
  FileSystem& files_;
  Tail& tail_;
  Tree& tree_;
  Events events_;

  mutable std::mutex mutex_;  // guards the queues and flags below
  std::condition_variable work_;
  std::condition_variable written_ready_;
  std::condition_variable synced_;
  std::vector<Submission> queue_;
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t handed_over_ = 0;  // end of the records given to the syncing thread
  std::vector<Group> written_;
  bool is_appending_ = false;  // by either thread
  bool is_syncing_ = false;
  bool is_sync_wanted_ = false;
  bool is_stopping_ = false;
  bool is_writer_done_ = false;
  std::optional<base::Error> failure_;

  std::mutex appending_;  // held while the file, the memory of ids and the numbering change
  std::unique_ptr<SegmentWriter> segment_;
  std::shared_ptr<GrowingIndex> index_;
  Dedupe dedupe_;
  std::uint64_t next_sequence_;
  base::Timestamp first_received_;
  base::Timestamp last_received_;
  std::vector<Bytes> parts_;
  std::uint64_t parts_bytes_ = 0;

  std::atomic<std::uint64_t> queued_bytes_ = 0;
  std::atomic<std::uint64_t> groups_ = 0;
  std::atomic<std::uint64_t> bytes_written_ = 0;
  std::atomic<std::uint64_t> syncs_ = 0;
  std::atomic<std::uint64_t> sync_us_total_ = 0;
  std::atomic<std::uint64_t> duplicates_ = 0;
  std::atomic<std::uint64_t> remembered_ids_ = 0;
  std::atomic<std::uint64_t> failed_appends_ = 0;
  std::atomic<bool> is_disk_full_ = false;

  std::thread writing_;
  std::thread syncing_;
};

}  // namespace tallystick::journal
