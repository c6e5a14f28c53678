#pragma once
// The memory of event ids: which ids were seen within their window, and the sequence number each was given
// (15-journal, "Append"). Sharded open addressing: growing or sweeping touches one small shard at a time, so that no
// append waits long. Bounded by a number of ids. One thread: the writer's (and recovery's before it).

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "journal/batch.h"

namespace tallystick::journal {

struct DedupeOptions {
  std::int64_t short_window_us = 0;
  std::int64_t long_window_us = 0;
  std::uint64_t max_ids = 0;
};

class Dedupe {
 public:
  explicit Dedupe(const DedupeOptions& options);

  struct Answer {
    bool is_duplicate = false;
    bool is_full = false;        // not remembered: the memory holds max_ids
    std::uint64_t sequence = 0;  // of the first one
  };
  // Remembers the id with `sequence`, unless it is known. An impression and a click of one id are different.
  [[nodiscard]] Answer insert(const RecordHeader& header, std::uint64_t sequence);
  // Brings the place of an id that will be asked for soon into the cache.
  void prefetch(const RecordHeader& header) const;
  // Undoes an insert whose record was not written.
  void forget(const RecordHeader& header);
  // Sweeps a few shards; called once per group. Whatever expired before `now` may go.
  void expire(base::Timestamp now);
  // Sweeps everything.
  void expire_all(base::Timestamp now);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t memory_bytes() const;
  [[nodiscard]] std::int64_t window_us(DedupeWindow window) const;

 private:
  struct Slot {
    base::Uuid id;
    std::uint64_t sequence_and_kind = 0;  // kind in the upper byte; 0: empty, as no kind is 0
    std::int64_t expires_us = 0;
  };
  struct Shard {
    std::vector<Slot> slots;
    std::uint32_t used = 0;
    std::int64_t first_expiry_us = INT64_MAX;
  };
  [[nodiscard]] std::uint64_t hash_of(const base::Uuid& id, RecordKind kind) const;
  void rebuild(Shard& shard, std::size_t capacity, std::int64_t now_us);
  void sweep(Shard& shard, std::int64_t now_us);
  [[nodiscard]] bool make_room(Shard& shard, std::int64_t now_us);

  DedupeOptions options_;
  base::SeededUuidHash hash_;  // clients choose ids
  std::vector<Shard> shards_;
  std::vector<Slot> scratch_;
  std::uint64_t size_ = 0;
  std::size_t cursor_ = 0;
  std::int64_t full_sweep_us_ = 0;
};

}  // namespace tallystick::journal
