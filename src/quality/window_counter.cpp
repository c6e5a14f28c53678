#include "quality/window_counter.h"

#include <algorithm>
#include <limits>

namespace tallystick::quality {

namespace {

std::size_t shard_of(const KeyedHash& hash, const Key128& key) {
  return hash(key) >> 60U;
}
static_assert(kMemoryShards == 16, "shard_of takes four bits");

// Windows of different lengths of one key count apart: after a reload, or of a partner's own.
Key128 in_window(const Key128& key, std::int64_t window_us) {
  return {key.high ^ static_cast<std::uint64_t>(window_us) * 0x9E3779B97F4A7C15ULL, key.low};
}

}  // namespace

WindowCounter::WindowCounter(std::uint64_t seed, std::size_t capacity, std::int64_t lifetime_us) : hash_(seed) {
  for (auto& shard : shards_) {
    shard = std::make_unique<Shard>(hash_, capacity / kMemoryShards, lifetime_us);
  }
}

void WindowCounter::set_bounds(std::size_t capacity, std::int64_t lifetime_us) {
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    shard->table.set_bounds(capacity / kMemoryShards, lifetime_us);
  }
}

void WindowCounter::prefetch(const Key128& key, std::int64_t window_us) const {
  const Key128 own = in_window(key, window_us);
  const Shard& shard = *shards_[shard_of(hash_, own)];
  const std::lock_guard lock(shard.mutex);
  shard.table.prefetch(own);
}

std::uint32_t WindowCounter::count(const Key128& key, base::Timestamp now, std::int64_t window_us, bool is_counted) {
  const std::int64_t slice_us = std::max<std::int64_t>(window_us / kSlices, 1);
  const Key128 own = in_window(key, window_us);
  Shard& shard = *shards_[shard_of(hash_, own)];
  const std::lock_guard lock(shard.mutex);
  Slices* const slices = is_counted ? &shard.table.touch(own, now) : shard.table.find(own, now);
  if (slices == nullptr) {
    return 0;
  }
  const std::int64_t current = now.us / slice_us;
  constexpr std::int64_t kRing = kSlices + 1;
  if (current > slices->last) {
    const std::int64_t stale = std::min(current - slices->last, kRing);
    for (std::int64_t i = 1; i <= stale; ++i) {
      slices->counts[static_cast<std::size_t>((current - stale + i) % kRing)] = 0;
    }
    slices->last = current;
  }
  // A clock that stepped back counts into the newest slice.
  std::uint16_t& newest = slices->counts[static_cast<std::size_t>(slices->last % kRing)];
  if (is_counted && newest < std::numeric_limits<std::uint16_t>::max()) {
    ++newest;
  }
  std::uint64_t total = 0;
  for (const std::uint16_t slice : slices->counts) {
    total += slice;
  }
  const std::uint64_t oldest = slices->counts[static_cast<std::size_t>((slices->last + 1) % kRing)];
  const std::int64_t elapsed = std::clamp<std::int64_t>(now.us - slices->last * slice_us, 0, slice_us);
  const std::uint64_t inside =
      oldest * static_cast<std::uint64_t>(slice_us - elapsed) / static_cast<std::uint64_t>(slice_us);
  return static_cast<std::uint32_t>(total - oldest + inside);
}

MemoryUse WindowCounter::use() const {
  MemoryUse use;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    use += {shard->table.size(), shard->table.evicted_count()};
  }
  return use;
}

RecentTimes::RecentTimes(std::uint64_t seed, std::size_t capacity, std::int64_t lifetime_us) : hash_(seed) {
  for (auto& shard : shards_) {
    shard = std::make_unique<Shard>(hash_, capacity / kMemoryShards, lifetime_us);
  }
}

void RecentTimes::set_bounds(std::size_t capacity, std::int64_t lifetime_us) {
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    shard->table.set_bounds(capacity / kMemoryShards, lifetime_us);
  }
}

void RecentTimes::prefetch(const Key128& key) const {
  const Shard& shard = *shards_[shard_of(hash_, key)];
  const std::lock_guard lock(shard.mutex);
  shard.table.prefetch(key);
}

std::uint32_t RecentTimes::count(const Key128& key, base::Timestamp now, std::int64_t window_us, bool is_counted) {
  Shard& shard = *shards_[shard_of(hash_, key)];
  const std::lock_guard lock(shard.mutex);
  Times* const times = is_counted ? &shard.table.touch(key, now) : shard.table.find(key, now);
  if (times == nullptr) {
    return 0;
  }
  if (is_counted) {
    times->at_us[times->next] = now.us;
    times->next = (times->next + 1) % static_cast<std::uint32_t>(times->at_us.size());
    times->size = std::min(times->size + 1, static_cast<std::uint32_t>(times->at_us.size()));
  }
  const auto end = times->at_us.begin() + times->size;
  return static_cast<std::uint32_t>(
      std::count_if(times->at_us.begin(), end, [&](std::int64_t at_us) { return now.us - at_us < window_us; }));
}

MemoryUse RecentTimes::use() const {
  MemoryUse use;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    use += {shard->table.size(), shard->table.evicted_count()};
  }
  return use;
}

}  // namespace tallystick::quality
