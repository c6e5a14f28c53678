#include "quality/impression_memory.h"

#include <cstring>
#include <string_view>

namespace tallystick::quality {

Key128 key_of(const base::Uuid& id) {
  Key128 key;
  std::memcpy(&key.high, id.bytes.data(), 8);
  std::memcpy(&key.low, id.bytes.data() + 8, 8);
  return key;
}

ImpressionMemory::Shard::Shard(KeyedHash hash, const MemoryLimits& limits)
    : impressions(hash, limits.impressions / kMemoryShards, limits.impression_us),
      claims(hash, limits.claims / kMemoryShards, limits.claim_us),
      recent_clicks(hash, limits.clicks / kMemoryShards, Limits{}.duplicate_window_us + 1) {}

ImpressionMemory::ImpressionMemory(std::uint64_t seed, const MemoryLimits& limits)
    : hash_(seed), other_hash_(~seed), max_watched_(limits.watched_clicks), impression_us_(limits.impression_us) {
  for (auto& shard : shards_) {
    shard = std::make_unique<Shard>(hash_, limits);
  }
}

void ImpressionMemory::set_bounds(const MemoryLimits& limits, std::int64_t duplicate_window_us) {
  for (auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    shard->impressions.set_bounds(limits.impressions / kMemoryShards, limits.impression_us);
    shard->claims.set_bounds(limits.claims / kMemoryShards, limits.claim_us);
    // The window's last moment is inside (45 s and not a microsecond more).
    shard->recent_clicks.set_bounds(limits.clicks / kMemoryShards, duplicate_window_us + 1);
  }
  const std::lock_guard lock(watch_mutex_);
  max_watched_ = limits.watched_clicks;
  impression_us_ = limits.impression_us;
}

ImpressionMemory::Shard& ImpressionMemory::shard_of(const Key128& impression) const {
  return *shards_[hash_(impression) >> 60U];
}

Key128 ImpressionMemory::pair_key(const crypto::Digest& session, const base::Uuid& impression) const {
  const std::string_view text(reinterpret_cast<const char*>(session.data()), session.size());
  const Key128 key = key_of(impression);
  return {hash_({hash_(text), key.high}) ^ key.low, other_hash_({other_hash_(text), key.low}) ^ key.high};
}

void ImpressionMemory::prefetch(const base::Uuid& id) const {
  const Key128 key = key_of(id);
  const Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  shard.impressions.prefetch(key);
}

bool ImpressionMemory::see_impression(const base::Uuid& id, base::Timestamp at) {
  const Key128 key = key_of(id);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  if (shard.impressions.find(key, at) != nullptr) {
    return false;
  }
  shard.impressions.insert(key, at);
  return true;
}

bool ImpressionMemory::has_impression(const base::Uuid& id) const {
  const Key128 key = key_of(id);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  return shard.impressions.find(key, base::Timestamp{0}) != nullptr;  // nothing is old at the epoch
}

ImpressionMemory::Finding ImpressionMemory::judge_click(const Click& click, const Limits& limits) {
  Finding finding;
  const Key128 key = key_of(click.impression_id);
  Shard& shard = shard_of(key);
  const Key128 pair = click.session ? pair_key(*click.session, click.impression_id) : Key128{};
  const std::lock_guard lock(shard.mutex);
  shard.impressions.prefetch(key);
  shard.claims.prefetch(key);
  shard.recent_clicks.prefetch(pair);
  base::Timestamp seen_at;
  if (limits.is_on(journal::Reason::kTooFast) && shard.impressions.find(key, click.at, &seen_at) != nullptr) {
    // An impression that arrived after its click says nothing about the time between.
    finding.is_too_fast = click.at >= seen_at && click.at - seen_at < limits.too_fast_us;
  }
  Claim* claim = shard.claims.find(key, click.at);
  const bool is_claimed_by_other = claim != nullptr && claim->event_id != click.event_id;
  bool is_repeat = false;
  if (click.session) {
    base::Timestamp last;
    const RecentClick* recent = shard.recent_clicks.find(pair, click.at, &last);
    is_repeat =
        recent != nullptr && recent->event_id != click.event_id && click.at - last <= limits.duplicate_window_us;
    // The window runs from the last click that was no duplicate.
    if (!is_repeat && !is_claimed_by_other && (recent == nullptr || recent->event_id != click.event_id)) {
      shard.recent_clicks.insert(pair, click.at).event_id = click.event_id;
    }
  }
  finding.is_duplicate = limits.is_on(journal::Reason::kDuplicateClick) && (is_repeat || is_claimed_by_other);
  if (claim == nullptr && click.is_otherwise_valid && !finding.is_duplicate && !finding.is_too_fast) {
    shard.claims.insert(key, click.at).event_id = click.event_id;
  }
  return finding;
}

void ImpressionMemory::remember_click(const Click& click, bool is_valid) {
  const Key128 key = key_of(click.impression_id);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const bool is_claimed = shard.claims.find(key, click.at) != nullptr;
  if (click.session) {
    const Key128 pair = pair_key(*click.session, click.impression_id);
    if (!is_claimed && shard.recent_clicks.find(pair, click.at) == nullptr) {
      shard.recent_clicks.insert(pair, click.at).event_id = click.event_id;
    }
  }
  if (is_valid && !is_claimed) {
    shard.claims.insert(key, click.at).event_id = click.event_id;
  }
}

void ImpressionMemory::watch(const WatchedClick& click) {
  const std::lock_guard lock(watch_mutex_);
  if (watched_.size() >= max_watched_) {
    ++watch_overflows_;
    return;
  }
  watched_.push_back(click);
}

std::vector<ImpressionMemory::WatchedClick> ImpressionMemory::take_orphans(base::Timestamp now, std::int64_t grace_us) {
  std::vector<WatchedClick> due;
  {
    const std::lock_guard lock(watch_mutex_);
    while (!watched_.empty() && now - watched_.front().at >= grace_us) {
      due.push_back(watched_.front());
      watched_.pop_front();
    }
  }
  std::uint64_t undecided = 0;
  std::erase_if(due, [&](const WatchedClick& click) {
    const Key128 key = key_of(click.impression_id);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (shard.impressions.find(key, now) != nullptr) {
      return true;
    }
    // The bound pushed impressions out that a click of this time may still name.
    if (shard.impressions.evicted_count() > 0 && shard.impressions.forgotten_until() >= click.at - impression_us_) {
      ++undecided;
      return true;
    }
    return false;
  });
  const std::lock_guard lock(watch_mutex_);
  undecided_ += undecided;
  return due;
}

ImpressionMemory::Use ImpressionMemory::use() const {
  Use use;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    use.impressions += {shard->impressions.size(), shard->impressions.evicted_count()};
    use.claims += {shard->claims.size(), shard->claims.evicted_count()};
    use.recent_clicks += {shard->recent_clicks.size(), shard->recent_clicks.evicted_count()};
  }
  const std::lock_guard lock(watch_mutex_);
  use.watched = watched_.size();
  use.watch_overflows = watch_overflows_;
  use.undecided = undecided_;
  return use;
}

}  // namespace tallystick::quality
