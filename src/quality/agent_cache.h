#pragma once
// What the rules say about a user agent, remembered: agents repeat, and matching 1,500 patterns costs microseconds.
// Bounded; a full set forgets in turn. Belongs to one rule set. Thread-safe: sharded under small locks.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "journal/event.h"
#include "quality/keyed_hash.h"

namespace tallystick::quality {

struct AgentProfile {
  bool is_crawler = false;
  bool is_missing = false;
  bool is_blocked = false;
  journal::AgentClass agent_class = journal::AgentClass::kUnknown;
};

class AgentCache {
 public:
  AgentCache(std::uint64_t seed, std::size_t capacity);

  // The profile, from the cache or from `make(user_agent)`.
  template <typename Make>
  AgentProfile get(std::string_view user_agent, const Make& make) {
    const std::uint64_t hash = hash_(user_agent);
    AgentProfile profile;
    if (find(hash, user_agent, profile)) {
      return profile;
    }
    profile = make(user_agent);
    put(hash, user_agent, profile);
    return profile;
  }

  [[nodiscard]] std::uint64_t hit_count() const;
  [[nodiscard]] std::uint64_t miss_count() const;

 private:
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kWays = 4;
  struct Entry {
    std::uint64_t hash = 0;
    std::string user_agent;  // empty: free
    AgentProfile profile;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::vector<Entry> entries;
    std::uint32_t next = 0;  // which way is forgotten next
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };

  bool find(std::uint64_t hash, std::string_view user_agent, AgentProfile& profile);
  void put(std::uint64_t hash, std::string_view user_agent, const AgentProfile& profile);
  [[nodiscard]] std::size_t set_of(std::uint64_t hash) const { return (hash & set_mask_) * kWays; }

  KeyedHash hash_;
  std::size_t set_mask_;
  std::array<std::unique_ptr<Shard>, kShards> shards_;
};

}  // namespace tallystick::quality
