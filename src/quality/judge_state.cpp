#include "quality/judge_state.h"

#include <algorithm>
#include <functional>
#include <thread>

namespace tallystick::quality {

JudgeState::JudgeState(std::uint64_t seed)
    : impressions(seed, MemoryLimits{}),
      addresses(seed, MemoryLimits{}.addresses, base::kMicrosPerHour),
      sessions(seed, MemoryLimits{}.sessions, base::kMicrosPerHour),
      session_partners(seed, MemoryLimits{}.sessions, base::kMicrosPerHour),
      seed_(seed),
      hash_(seed) {
  for (auto& shard : clicks_) {
    shard = std::make_unique<ClickShard>(hash_, MemoryLimits{});
  }
}

void JudgeState::set_rules(std::shared_ptr<const RuleSet> rules) {
  const MemoryLimits& memory = rules->memory();
  Limits longest;
  for (const Limits* limits : rules->all_limits()) {
    longest.duplicate_window_us = std::max(longest.duplicate_window_us, limits->duplicate_window_us);
    longest.rate_ip.window_us = std::max(longest.rate_ip.window_us, limits->rate_ip.window_us);
    longest.rate_session.window_us = std::max(longest.rate_session.window_us, limits->rate_session.window_us);
    longest.session_partner_window_us = std::max(longest.session_partner_window_us, limits->session_partner_window_us);
  }
  impressions.set_bounds(memory, longest.duplicate_window_us);
  // A window's oldest slice may still count in proportion: twice the window is surely long enough.
  addresses.set_bounds(memory.addresses, 2 * longest.rate_ip.window_us);
  sessions.set_bounds(memory.sessions, 2 * longest.rate_session.window_us);
  session_partners.set_bounds(memory.sessions, longest.session_partner_window_us);
  for (auto& shard : clicks_) {
    const std::lock_guard lock(shard->mutex);
    shard->seen.set_bounds(
        memory.clicks / kMemoryShards,
        std::max({longest.session_partner_window_us, 2 * longest.rate_ip.window_us, base::kMicrosPerHour}));
  }
  const auto active = std::make_shared<ActiveRules>(std::move(rules), seed_);
  for (Slot& slot : slots_) {
    const std::lock_guard lock(slot.mutex);
    slot.active = active;
  }
}

std::shared_ptr<ActiveRules> JudgeState::active() const {
  const std::size_t thread = std::hash<std::thread::id>()(std::this_thread::get_id());
  const Slot& slot = slots_[thread % slots_.size()];
  const std::lock_guard lock(slot.mutex);
  return slot.active;
}

void JudgeState::prefetch_first_time(const Evidence& evidence) const {
  if (evidence.kind == EventKind::kImpression) {
    impressions.prefetch(evidence.event_id);
    return;
  }
  const Key128 key = key_of(evidence.event_id);
  const ClickShard& shard = *clicks_[hash_(key) >> 60U];
  const std::lock_guard lock(shard.mutex);
  shard.seen.prefetch(key);
}

bool JudgeState::is_first_time(const Evidence& evidence) {
  if (evidence.kind == EventKind::kImpression) {
    return impressions.see_impression(evidence.event_id, evidence.now);
  }
  return see_click(evidence.event_id, evidence.now);
}

bool JudgeState::see_click(const base::Uuid& event_id, base::Timestamp at) {
  const Key128 key = key_of(event_id);
  ClickShard& shard = *clicks_[hash_(key) >> 60U];
  const std::lock_guard lock(shard.mutex);
  if (shard.seen.find(key, at) != nullptr) {
    return false;
  }
  shard.seen.insert(key, at);
  return true;
}

void JudgeState::record(EventKind kind, const journal::Verdict& verdict) {
  Counts& counts = counts_[static_cast<std::size_t>(kind)];
  counts.classes[static_cast<std::size_t>(verdict.klass)].fetch_add(1, std::memory_order_relaxed);
  for (std::uint32_t reasons = verdict.reasons; reasons != 0; reasons &= reasons - 1) {
    counts.reasons[static_cast<std::size_t>(__builtin_ctz(reasons))].fetch_add(1, std::memory_order_relaxed);
  }
}

JudgeStats JudgeState::stats() const {
  JudgeStats stats;
  for (std::size_t kind = 0; kind < kEventKindCount; ++kind) {
    for (std::size_t i = 0; i < kVerdictClassCount; ++i) {
      stats.classes[kind][i] = counts_[kind].classes[i].load(std::memory_order_relaxed);
    }
    for (std::size_t i = 0; i < journal::kReasonCount; ++i) {
      stats.reasons[kind][i] = counts_[kind].reasons[i].load(std::memory_order_relaxed);
    }
  }
  const auto rules = active();
  stats.agent_cache_hits = rules->agents.hit_count();
  stats.agent_cache_misses = rules->agents.miss_count();
  stats.memory = impressions.use();
  stats.addresses = addresses.use();
  stats.sessions = sessions.use();
  stats.sessions += session_partners.use();
  return stats;
}

}  // namespace tallystick::quality
