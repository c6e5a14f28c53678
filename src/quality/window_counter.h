#pragma once
// Sliding-window counters per key, bounded in number: the least recently counted are forgotten first.
// Thread-safe: sharded under small locks.

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/time.h"
#include "quality/aging_table.h"
#include "quality/keyed_hash.h"
#include "quality/rules.h"

namespace tallystick::quality {

inline constexpr std::size_t kMemoryShards = 16;

struct MemoryUse {
  std::size_t entries = 0;
  std::uint64_t evicted = 0;  // dropped before their time, to keep the bound

  MemoryUse& operator+=(const MemoryUse& other) {
    entries += other.entries;
    evicted += other.evicted;
    return *this;
  }
};

// Counts events in eight slices of the window, and the slice that is only partly inside in proportion, rounded down.
// Up to the first eighth of a window after its first event the count is exact.
class WindowCounter {
 public:
  WindowCounter(std::uint64_t seed, std::size_t capacity, std::int64_t lifetime_us);
  void set_bounds(std::size_t capacity, std::int64_t lifetime_us);

  // Brings the memory of count() near.
  void prefetch(const Key128& key, std::int64_t window_us) const;
  // Events of the key in the window that ends now, this one included when `is_counted`.
  [[nodiscard]] std::uint32_t count(const Key128& key, base::Timestamp now, std::int64_t window_us, bool is_counted);
  [[nodiscard]] MemoryUse use() const;

 private:
  static constexpr std::int64_t kSlices = 8;
  struct Slices {
    std::int64_t last = 0;  // number of the newest slice
    std::array<std::uint16_t, kSlices + 1> counts{};
  };
  struct alignas(64) Shard {
    explicit Shard(KeyedHash hash, std::size_t capacity, std::int64_t lifetime_us)
        : table(hash, capacity, lifetime_us) {}
    mutable std::mutex mutex;
    AgingTable<Slices> table;
  };

  KeyedHash hash_;
  std::array<std::unique_ptr<Shard>, kMemoryShards> shards_;
};

// Keeps the times of the last few events of a key: exact, for small limits.
class RecentTimes {
 public:
  RecentTimes(std::uint64_t seed, std::size_t capacity, std::int64_t lifetime_us);
  void set_bounds(std::size_t capacity, std::int64_t lifetime_us);

  // Brings the memory of count() near.
  void prefetch(const Key128& key) const;
  // Events of the key in the window that ends now (at most kMaxSessionPartnerClicks + 1), this one included
  // when `is_counted`. One exactly `window_us` ago is outside.
  [[nodiscard]] std::uint32_t count(const Key128& key, base::Timestamp now, std::int64_t window_us, bool is_counted);
  [[nodiscard]] MemoryUse use() const;

 private:
  struct Times {  // NOLINT(cppcoreguidelines-pro-type-member-init): set up to `size`
    std::uint32_t size = 0;
    std::uint32_t next = 0;
    std::array<std::int64_t, kMaxSessionPartnerClicks + 1> at_us;  // the first `size` are set
  };
  struct alignas(64) Shard {
    explicit Shard(KeyedHash hash, std::size_t capacity, std::int64_t lifetime_us)
        : table(hash, capacity, lifetime_us) {}
    mutable std::mutex mutex;
    AgingTable<Times> table;
  };

  KeyedHash hash_;
  std::array<std::unique_ptr<Shard>, kMemoryShards> shards_;
};

}  // namespace tallystick::quality
