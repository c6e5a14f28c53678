#pragma once
// Loads one generation of the warehouse from the log: the caller's thread reads and decodes a batch while a thread of
// its own writes the one before. One more may wait in between, so that neither thread stands still for the other. The
// impressions of two batches are in memory at most, which is nearly all of a batch: those of the one that is being
// inserted are with the engine, and their memory is filled again meanwhile. Once no batch was full for kKeepMemoryUs,
// the memory of large ones is given back. One thread, but for loaded() and counters().

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
#include "journal/journal.h"
#include "warehouse/batch_assembler.h"
#include "warehouse/impression_order.h"
#include "warehouse/load_batch.h"
#include "warehouse/load_writer.h"

namespace tallystick::warehouse {

struct LoadLimits {
  std::size_t batch_rows = 1'000'000;
  // A row waits no longer while the writer is free, and no more often than this is a batch made of what is there.
  std::int64_t flush_interval_us = base::kMicrosPerSecond;
};

struct LoadCounters {
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> failures{0};  // each is followed by a recovery
  std::atomic<std::uint64_t> skipped{0};   // records that could not be read, or are about events that were dropped
};

class LoadPipeline {
 public:
  static constexpr std::int64_t kKeepMemoryUs = base::kMicrosPerMinute;

  // What else is done where nothing is half loaded: on the writer's thread, after a batch and now and then between.
  // Records before `loaded` are in the warehouse.
  using Between = std::function<void(const LoadWriter& writer, std::uint64_t loaded)>;

  // All references must outlive it.
  LoadPipeline(const journal::Journal& journal,
               std::unique_ptr<LoadWriter> writer,
               std::uint32_t log_id,
               std::uint64_t first,
               const LoadLimits& limits,
               const base::Clock& clock,
               LoadCounters& counters,
               Between between);
  // Waits until the writer's present statement has ended: stop the client to make that soon. A batch that still waits
  // for it is dropped: nothing of it has begun.
  ~LoadPipeline();
  LoadPipeline(const LoadPipeline&) = delete;
  LoadPipeline& operator=(const LoadPipeline&) = delete;

  // Before the first step().
  [[nodiscard]] base::Result<void> warm_up() { return assembler_.warm_up(loaded()); }

  // Reads some records before `end`, waiting up to `wait_us` for the first, and hands a batch to the writer when it is
  // due. False: there was nothing to read. After an error the pipeline is of no further use.
  [[nodiscard]] base::Result<bool> step(std::uint64_t end, std::int64_t wait_us);
  // Everything read so far is in the warehouse on return.
  [[nodiscard]] base::Result<void> drain();

  // Records before this are in the warehouse. Thread-safe.
  [[nodiscard]] std::uint64_t loaded() const { return loaded_.load(std::memory_order_acquire); }
  // Records before this were read.
  [[nodiscard]] std::uint64_t position() const { return reader_->position(); }
  [[nodiscard]] const Layout& layout() const { return writer_->layout(); }
  // Rows of impressions that there is memory for, in the present batch and beside it.
  [[nodiscard]] std::size_t kept_rows();

 private:
  static constexpr std::size_t kRecordsPerStep = 8'192;
  static constexpr std::size_t kMaxBatchBytes = 256UZ << 20;
  static constexpr std::size_t kMaxBatchDays = 2'000;  // far below kMaxPositionDays
  static constexpr std::int64_t kBetweenIntervalUs = base::kMicrosPerSecond / 2;

  [[nodiscard]] std::size_t max_rows() const;
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] base::Result<void> hand_over_when_due(bool is_level);
  [[nodiscard]] base::Result<void> hand_over();
  void write_batches(const std::stop_token& stop);
  // What the writer's thread was woken for: the batch, if there is one, then what is done between.
  [[nodiscard]] base::Result<void> work(LoadBatch* batch);
  [[nodiscard]] base::Result<void> write(LoadBatch& batch);
  // Its impressions are written: their memory is there for another batch.
  void take_back(LoadBatch& batch);
  // With the lock held, while the writer is idle.
  void give_back_memory();
  // With the lock held.
  [[nodiscard]] base::Result<void> check() const;
  [[nodiscard]] bool is_idle() const { return !waiting_ && !is_between_due_ && !is_busy_; }

  const journal::Journal& journal_;
  std::unique_ptr<LoadWriter> writer_;  // the writer's thread's
  const LoadLimits limits_;
  std::size_t batch_rows_;    // at most; of the first batches fewer, so that the writer begins soon
  std::size_t max_rows_ = 0;  // of the present batch
  const base::Clock& clock_;
  LoadCounters& counters_;
  const Between between_;
  BatchAssembler assembler_;
  ImpressionOrder order_;
  std::unique_ptr<journal::Reader> reader_;
  std::unique_ptr<LoadBatch> batch_ = std::make_unique<LoadBatch>();  // being filled
  std::int64_t batch_since_us_ = 0;                                   // monotonic: of its first row
  std::int64_t handed_over_us_ = 0;                                   // monotonic: the one before
  bool was_full_ = false;                                             // the one before: the loader was catching up
  std::int64_t give_back_at_us_ = INT64_MAX;                          // monotonic
  std::int64_t next_between_us_ = 0;
  std::atomic<std::uint64_t> loaded_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::unique_ptr<LoadBatch>> spares_;
  std::vector<Block> spare_impressions_;  // the memory of impressions, apart from its batch
  std::unique_ptr<LoadBatch> waiting_;    // for the writer
  bool is_taken_ = true;                  // the impressions of the batch that was handed over last
  bool is_last_large_ = false;            // the next ones that come back are the last of much memory: drop them
  bool is_between_due_ = false;
  bool is_busy_ = false;  // the writer, with a batch or with what is done between
  std::optional<base::Error> error_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tallystick::warehouse
