#include "quality/agent_cache.h"

#include <bit>

#include "quality/pattern_set.h"

namespace tallystick::quality {

AgentCache::AgentCache(std::uint64_t seed, std::size_t capacity)
    : hash_(seed), set_mask_(std::bit_ceil(std::max<std::size_t>(capacity / kShards / kWays, 1)) - 1) {
  for (auto& shard : shards_) {
    shard = std::make_unique<Shard>();
    shard->entries.resize((set_mask_ + 1) * kWays);
  }
}

bool AgentCache::find(std::uint64_t hash, std::string_view user_agent, AgentProfile& profile) {
  Shard& shard = *shards_[hash >> 58U];
  const std::lock_guard lock(shard.mutex);
  const std::size_t first = set_of(hash);
  for (std::size_t i = first; i < first + kWays; ++i) {
    const Entry& entry = shard.entries[i];
    if (entry.hash == hash && entry.user_agent == user_agent && !entry.user_agent.empty()) {
      profile = entry.profile;
      ++shard.hits;
      return true;
    }
  }
  ++shard.misses;
  return false;
}

void AgentCache::put(std::uint64_t hash, std::string_view user_agent, const AgentProfile& profile) {
  if (user_agent.empty() || user_agent.size() > PatternSet::kMaxSubjectBytes) {
    return;  // nobody's browser: not worth the memory
  }
  Shard& shard = *shards_[hash >> 58U];
  const std::lock_guard lock(shard.mutex);
  const std::size_t first = set_of(hash);
  std::size_t at = first + shard.next++ % kWays;
  for (std::size_t i = first; i < first + kWays; ++i) {
    if (shard.entries[i].user_agent.empty()) {
      at = i;
      break;
    }
  }
  Entry& entry = shard.entries[at];
  entry.hash = hash;
  entry.user_agent.assign(user_agent);
  entry.profile = profile;
}

std::uint64_t AgentCache::hit_count() const {
  std::uint64_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    count += shard->hits;
  }
  return count;
}

std::uint64_t AgentCache::miss_count() const {
  std::uint64_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    count += shard->misses;
  }
  return count;
}

}  // namespace tallystick::quality
