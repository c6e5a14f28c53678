#pragma once
// When each impression was seen, which click used it, and which sessions clicked it lately: what
// `duplicate_click`, `too_fast` and `no_impression` are judged from. Bounded in number and age; what the
// bound pushes out early is counted, and a rule that would have to guess says so instead. Thread-safe: sharded.

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"
#include "quality/aging_table.h"
#include "quality/rules.h"
#include "quality/window_counter.h"

namespace tallystick::quality {

class ImpressionMemory {
 public:
  struct Click {
    base::Uuid event_id;
    base::Uuid impression_id;
    std::optional<crypto::Digest> session;
    base::Timestamp at;
    bool is_otherwise_valid = false;  // no other rule spoke
  };
  struct Finding {
    bool is_duplicate = false;
    bool is_too_fast = false;
  };
  struct WatchedClick {
    base::Uuid event_id;
    base::Uuid impression_id;
    std::uint64_t sequence = 0;
    base::Timestamp at;
  };
  struct Use {
    MemoryUse impressions;
    MemoryUse claims;
    MemoryUse recent_clicks;
    std::size_t watched = 0;
    std::uint64_t watch_overflows = 0;  // clicks that could not be watched
    std::uint64_t undecided = 0;        // clicks whose impression may have been pushed out: not judged
  };

  ImpressionMemory(std::uint64_t seed, const MemoryLimits& limits);
  void set_bounds(const MemoryLimits& limits, std::int64_t duplicate_window_us);

  // Brings the memory of see_impression() near.
  void prefetch(const base::Uuid& id) const;
  // False when it was known: the first time counts.
  bool see_impression(const base::Uuid& id, base::Timestamp at);
  // Whether it is still held, however old.
  [[nodiscard]] bool has_impression(const base::Uuid& id) const;

  // Judges a click against its impression and, when it turns out valid, gives the impression to it: one step,
  // so that of two clicks at once only one is first. The same event again finds what it found before.
  [[nodiscard]] Finding judge_click(const Click& click, const Limits& limits);
  // What judge_click would have left behind.
  void remember_click(const Click& click, bool is_valid);

  void watch(const WatchedClick& click);
  // Clicks watched for `grace_us` whose impression did not come. Each once.
  [[nodiscard]] std::vector<WatchedClick> take_orphans(base::Timestamp now, std::int64_t grace_us);

  [[nodiscard]] Use use() const;

 private:
  struct Nothing {};
  struct Claim {
    base::Uuid event_id;
  };
  struct RecentClick {
    base::Uuid event_id;
  };
  struct alignas(64) Shard {
    Shard(KeyedHash hash, const MemoryLimits& limits);
    mutable std::mutex mutex;
    AgingTable<Nothing> impressions;
    AgingTable<Claim> claims;
    AgingTable<RecentClick> recent_clicks;
  };

  Shard& shard_of(const Key128& impression) const;
  [[nodiscard]] Key128 pair_key(const crypto::Digest& session, const base::Uuid& impression) const;

  KeyedHash hash_;
  KeyedHash other_hash_;
  std::array<std::unique_ptr<Shard>, kMemoryShards> shards_;
  mutable std::mutex watch_mutex_;
  std::deque<WatchedClick> watched_;
  std::size_t max_watched_;
  std::int64_t impression_us_;
  std::uint64_t watch_overflows_ = 0;
  std::uint64_t undecided_ = 0;
};

[[nodiscard]] Key128 key_of(const base::Uuid& id);

}  // namespace tallystick::quality
