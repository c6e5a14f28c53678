#pragma once
// What of the log is durable, and in which files: the writer advances it, readers wait on it. Thread-safe.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/time.h"
#include "journal/frame.h"
#include "journal/id_index.h"

namespace tallystick::journal {

struct SegmentView {
  std::uint64_t first = 0;
  std::uint64_t end = 0;  // after the last durable record
  std::uint64_t body_end = kSegmentHeaderBytes;
  base::Timestamp first_received{INT64_MAX};
  base::Timestamp last_received{INT64_MIN};
  bool is_sealed = false;
  std::shared_ptr<const SegmentIndex> index;
};

class Tail {
 public:
  explicit Tail(std::filesystem::path segments) : segments_directory_(std::move(segments)) {}

  [[nodiscard]] std::filesystem::path path_of(std::uint64_t first) const;

  [[nodiscard]] std::uint64_t size() const { return size_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t first() const;  // of the oldest kept record
  [[nodiscard]] std::vector<SegmentView> segments() const;
  // The segment with this record; the oldest one when it was dropped; nothing when it is not durable yet.
  [[nodiscard]] std::optional<SegmentView> find(std::uint64_t sequence) const;
  // `from`, or the first record after it of a segment that may have this kind, or size(): what lies between has none.
  [[nodiscard]] std::uint64_t skip_without(std::uint64_t from, RecordKind kind) const;
  // Returns size() as soon as it is above `sequence`, the time is over or the log closes.
  [[nodiscard]] std::uint64_t wait_beyond(std::uint64_t sequence, std::int64_t wait_us) const;

  void add_segment(SegmentView view);
  // More of the last segment is durable.
  void advance(std::uint64_t end, std::uint64_t body_end, base::Timestamp first, base::Timestamp last);
  void seal_last();
  void set_index(std::uint64_t first, std::shared_ptr<const SegmentIndex> index);
  // Forgets the segments that end at or before `sequence`, and returns their first sequences.
  std::vector<std::uint64_t> drop_before(std::uint64_t sequence);
  void close();

 private:
  const std::filesystem::path segments_directory_;
  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  std::vector<SegmentView> views_;
  std::atomic<std::uint64_t> size_ = 0;
  bool is_closed_ = false;
};

}  // namespace tallystick::journal
