#pragma once
// What a Judge holds: the rules of now with their cache, and every counter. Private to the judge. Thread-safe.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "quality/agent_cache.h"
#include "quality/impression_memory.h"
#include "quality/judge.h"
#include "quality/rules.h"
#include "quality/window_counter.h"

namespace tallystick::quality {

// Rules and what was found out by them: swapped together.
struct ActiveRules {
  ActiveRules(std::shared_ptr<const RuleSet> rule_set, std::uint64_t seed)
      : rules(std::move(rule_set)), agents(seed, rules->memory().agents) {}
  std::shared_ptr<const RuleSet> rules;
  AgentCache agents;
};

class JudgeState {
 public:
  explicit JudgeState(std::uint64_t seed);

  void set_rules(std::shared_ptr<const RuleSet> rules);
  [[nodiscard]] std::shared_ptr<ActiveRules> active() const;

  // Brings the memory of is_first_time() near.
  void prefetch_first_time(const Evidence& evidence) const;
  // Whether a click of that id, or an impression, was not seen before; remembers it.
  bool is_first_time(const Evidence& evidence);
  bool see_click(const base::Uuid& event_id, base::Timestamp at);

  void record(EventKind kind, const journal::Verdict& verdict);
  [[nodiscard]] JudgeStats stats() const;

  ImpressionMemory impressions;
  WindowCounter addresses;
  WindowCounter sessions;
  RecentTimes session_partners;

 private:
  struct Nothing {};
  struct alignas(64) ClickShard {
    ClickShard(KeyedHash hash, const MemoryLimits& limits)
        : seen(hash, limits.clicks / kMemoryShards, base::kMicrosPerHour) {}
    mutable std::mutex mutex;
    AgingTable<Nothing> seen;
  };
  // One copy of the pointer per group of threads: threads do not wait for each other to read it.
  struct alignas(64) Slot {
    mutable std::mutex mutex;
    std::shared_ptr<ActiveRules> active;
  };
  struct alignas(64) Counts {
    std::array<std::atomic<std::uint64_t>, kVerdictClassCount> classes{};
    std::array<std::atomic<std::uint64_t>, journal::kReasonCount> reasons{};
  };

  std::uint64_t seed_;
  KeyedHash hash_;
  std::array<std::unique_ptr<ClickShard>, kMemoryShards> clicks_;
  std::array<Slot, 16> slots_;
  std::array<Counts, kEventKindCount> counts_;
};

}  // namespace tallystick::quality
