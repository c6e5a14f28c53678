#pragma once
// The verifiable, erasable log (15-journal). One writer thread appends in groups; any number of
// producers stage batches and learn of durability through BatchOwner; any number of readers follow.
// What was reported durable survives a crash at any instruction (I1), and any later change of it is
// found (I2). Thread-safe, but for Batch and Reader, which belong to one thread each.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"
#include "journal/batch.h"
#include "journal/record.h"

namespace tallystick::crypto {
class Ed25519Key;
}

namespace tallystick::journal {

enum class SyncMode : std::uint8_t { kAlways, kInterval };

struct Options {
  std::filesystem::path directory;
  std::string origin = "tallystick.local/log";  // first line of every checkpoint (C2SP tlog-checkpoint)
  SyncMode sync = SyncMode::kAlways;
  std::int64_t sync_interval_us = 100 * base::kMicrosPerMilli;  // kInterval only
  std::int64_t checkpoint_interval_us = base::kMicrosPerSecond;
  std::uint64_t segment_bytes = 128ULL << 20;
  std::uint64_t reserve_bytes = 1ULL << 20;      // kAlways only: how far zeros are written ahead of the log; 0: not
  std::uint64_t max_queued_bytes = 64ULL << 20;  // beyond it a batch fails with "journal_busy"
  std::int64_t short_window_us = 12 * base::kMicrosPerMinute;
  std::int64_t long_window_us = 24 * base::kMicrosPerHour;
  std::uint64_t max_remembered_ids = 32'000'000;  // beyond it a batch fails with "dedupe_memory_full"
};

// Counters since open; gauges now.
struct Statistics {
  std::uint64_t records = 0;  // durable: the size of the tree
  std::uint64_t groups = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t syncs = 0;
  std::uint64_t sync_us_total = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t remembered_ids = 0;
  std::uint64_t queued_bytes = 0;
  std::uint64_t segments = 0;
  std::uint64_t checkpoint_size = 0;
  std::uint64_t failed_appends = 0;
  bool is_disk_full = false;
};

class FileSystem;
class Reader;

class Journal {
 public:
  // Recovers: cuts a torn tail after the last whole group, rebuilds the tree and the memory of ids,
  // carries out erasures that were begun. Refuses a log whose acknowledged part is damaged
  // (kCorrupt, "journal_corrupt", naming file and offset), a directory that another process
  // has open (kConflict, "journal_locked"), and to forget ids that are within their window
  // (kUnavailable, "dedupe_memory_full"). `clock`, `random` and `key` must outlive the journal.
  [[nodiscard]] static base::Result<std::unique_ptr<Journal>> open(const Options& options,
                                                                   const base::Clock& clock,
                                                                   base::Random& random,
                                                                   const crypto::Ed25519Key& key);
  // The same on another file system, for tests of what disks do.
  [[nodiscard]] static base::Result<std::unique_ptr<Journal>> open_on(std::unique_ptr<FileSystem> files,
                                                                      const Options& options,
                                                                      const base::Clock& clock,
                                                                      base::Random& random,
                                                                      const crypto::Ed25519Key& key);
  // Appends what was submitted, signs a last checkpoint, closes.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Never blocks. `owner` must live until the batch came back. Batches of one producer keep their order.
  void submit(std::unique_ptr<Batch> batch, BatchOwner& owner);

  // Stages, submits and waits: for administration. The sequence number, also when it is a duplicate.
  [[nodiscard]] base::Result<std::uint64_t> append(const RecordHeader& header,
                                                   std::string_view fields,
                                                   std::string_view personal);

  // Number of durable records.
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] Statistics statistics() const;

  // The latest signed checkpoint, as C2SP signed note text.
  [[nodiscard]] std::string checkpoint() const;
  // Signs one of the present size now. Blocks for a sync.
  [[nodiscard]] base::Result<std::string> make_checkpoint();

  // tlog-tiles resources. `width` 256 is a full tile. kNotFound when outside the checkpointed tree,
  // kGone when the entries were dropped by retention.
  [[nodiscard]] base::Result<std::string> hash_tile(unsigned level, std::uint64_t index, unsigned width) const;
  [[nodiscard]] base::Result<std::string> entry_tile(std::uint64_t index, unsigned width) const;

  // Sequence numbers of the records with this event id (an impression and a click may share one).
  [[nodiscard]] std::vector<std::uint64_t> find(const base::Uuid& event_id) const;

  // The text of a click receipt (journal/receipt.h) against a checkpoint that covers the record.
  [[nodiscard]] base::Result<std::string> receipt(const base::Uuid& event_id);

  // A reader positioned at `from_sequence`.
  [[nodiscard]] std::unique_ptr<Reader> make_reader(std::uint64_t from_sequence) const;

  // Where a reader that stands at `from_sequence` and wants this kind alone may go on, without reading what lies
  // between: there itself, the beginning of a later segment, or size().
  [[nodiscard]] std::uint64_t skip_without(std::uint64_t from_sequence, RecordKind kind) const;

  struct ErasureReport {
    std::uint64_t erasure_sequence = 0;
    std::uint64_t records_erased = 0;
    std::uint64_t records_scanned = 0;
  };
  // Zeroes the personal fields of all records of this person: those that name the user, and those
  // of the user's sessions that name no other. Complete on return.
  [[nodiscard]] base::Result<ErasureReport> erase_user(const crypto::Digest& user);
  // Zeroes the personal fields of everything received before `before`.
  [[nodiscard]] base::Result<ErasureReport> erase_before(base::Timestamp before);
  // Deletes segment files that end before `before`; their tiles stay.
  [[nodiscard]] base::Result<std::uint64_t> drop_segments_before(base::Timestamp before);

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Follows the log at its own pace; never blocks the writer. One thread.
class Reader {
 public:
  virtual ~Reader() = default;
  // The next durable record, or false when there is none within `wait_us` (0: do not wait).
  // Skips dropped segments. Error: kCorrupt.
  [[nodiscard]] virtual base::Result<bool> next(Record& record, std::int64_t wait_us) = 0;
  // Sequence number of the record that next() will return.
  [[nodiscard]] virtual std::uint64_t position() const = 0;
};

}  // namespace tallystick::journal
