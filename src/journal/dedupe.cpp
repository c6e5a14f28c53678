#include "journal/dedupe.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/prefetch.h"

namespace tallystick::journal {
namespace {

constexpr std::size_t kShards = 4096;
constexpr std::size_t kFirstCapacity = 16;
constexpr std::size_t kSweptPerGroup = 8;
constexpr std::uint64_t kSequenceMask = (1ULL << 56) - 1;

}  // namespace

std::uint64_t Dedupe::hash_of(const base::Uuid& id, RecordKind kind) const {
  return hash_(id, static_cast<std::uint8_t>(kind));
}

Dedupe::Dedupe(const DedupeOptions& options) : options_(options), shards_(kShards) {}

std::int64_t Dedupe::window_us(DedupeWindow window) const {
  return window == DedupeWindow::kShort ? options_.short_window_us : options_.long_window_us;
}

std::uint64_t Dedupe::memory_bytes() const {
  std::uint64_t slots = 0;
  for (const Shard& shard : shards_) {
    slots += shard.slots.capacity();
  }
  return slots * sizeof(Slot);
}

void Dedupe::rebuild(Shard& shard, std::size_t capacity, std::int64_t now_us) {
  scratch_.clear();
  std::int64_t first_expiry = INT64_MAX;
  for (const Slot& slot : shard.slots) {
    if (slot.sequence_and_kind != 0 && slot.expires_us > now_us) {
      scratch_.push_back(slot);
      first_expiry = std::min(first_expiry, slot.expires_us);
    }
  }
  size_ -= shard.used - scratch_.size();
  shard.used = static_cast<std::uint32_t>(scratch_.size());
  shard.first_expiry_us = first_expiry;
  capacity = std::max(capacity, std::bit_ceil(scratch_.size() * 2 + kFirstCapacity / 2));
  if (capacity != shard.slots.size()) {
    std::vector<Slot>(capacity).swap(shard.slots);
  } else {
    std::fill(shard.slots.begin(), shard.slots.end(), Slot{});
  }
  for (const Slot& slot : scratch_) {
    std::size_t at = hash_of(slot.id, static_cast<RecordKind>(slot.sequence_and_kind >> 56)) / kShards & (capacity - 1);
    while (shard.slots[at].sequence_and_kind != 0) {
      at = (at + 1) & (capacity - 1);
    }
    shard.slots[at] = slot;
  }
}

void Dedupe::sweep(Shard& shard, std::int64_t now_us) {
  if (shard.first_expiry_us <= now_us) {
    rebuild(shard, kFirstCapacity, now_us);
  }
}

void Dedupe::expire(base::Timestamp now) {
  for (std::size_t i = 0; i < kSweptPerGroup; ++i) {
    cursor_ = (cursor_ + 1) % kShards;
    sweep(shards_[cursor_], now.us);
  }
}

void Dedupe::expire_all(base::Timestamp now) {
  for (Shard& shard : shards_) {
    sweep(shard, now.us);
  }
}

// Keeps the load below three quarters, and the whole below its limit.
bool Dedupe::make_room(Shard& shard, std::int64_t now_us) {
  if (size_ >= options_.max_ids) {
    sweep(shard, now_us);
    if (size_ >= options_.max_ids && now_us > full_sweep_us_ + base::kMicrosPerSecond) {
      full_sweep_us_ = now_us;
      expire_all({now_us});
    }
    if (size_ >= options_.max_ids) {
      return false;
    }
  }
  if ((shard.used + 1) * 4 > shard.slots.size() * 3) {
    rebuild(shard, kFirstCapacity, now_us);
    if ((shard.used + 1) * 4 > shard.slots.size() * 3) {
      rebuild(shard, shard.slots.size() * 2, now_us);
    }
  }
  return true;
}

void Dedupe::prefetch(const RecordHeader& header) const {
  const std::uint64_t hash = hash_of(header.event_id, header.kind);
  const Shard& shard = shards_[hash % kShards];
  if (!shard.slots.empty()) {
    base::prefetch(&shard.slots[hash / kShards & (shard.slots.size() - 1)]);
  }
}

Dedupe::Answer Dedupe::insert(const RecordHeader& header, std::uint64_t sequence) {
  const std::uint64_t hash = hash_of(header.event_id, header.kind);
  Shard& shard = shards_[hash % kShards];
  const std::int64_t expires_us = header.received_at.us + window_us(header.window);
  const std::uint64_t tag = static_cast<std::uint64_t>(header.kind) << 56;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const std::size_t mask = shard.slots.size() - 1;
    std::size_t at = hash / kShards & mask;
    for (; !shard.slots.empty() && shard.slots[at].sequence_and_kind != 0; at = (at + 1) & mask) {
      Slot& slot = shard.slots[at];
      if (slot.id == header.event_id && (slot.sequence_and_kind & ~kSequenceMask) == tag) {
        if (slot.expires_us > header.received_at.us) {
          return {true, false, slot.sequence_and_kind & kSequenceMask};
        }
        slot.sequence_and_kind = tag | sequence;
        slot.expires_us = expires_us;
        return {};
      }
    }
    const bool has_room = size_ < options_.max_ids && (shard.used + 1) * 4 <= shard.slots.size() * 3;
    if (has_room) {
      shard.slots[at] = {header.event_id, tag | sequence, expires_us};
      shard.first_expiry_us = std::min(shard.first_expiry_us, expires_us);
      ++shard.used;
      ++size_;
      return {};
    }
    if (!make_room(shard, header.received_at.us)) {
      return {false, true, 0};
    }
  }
  return {false, true, 0};
}

void Dedupe::forget(const RecordHeader& header) {
  const std::uint64_t hash = hash_of(header.event_id, header.kind);
  Shard& shard = shards_[hash % kShards];
  if (shard.slots.empty()) {
    return;
  }
  const std::size_t mask = shard.slots.size() - 1;
  std::size_t at = hash / kShards & mask;
  while (shard.slots[at].sequence_and_kind != 0) {
    const Slot& slot = shard.slots[at];
    if (slot.id == header.event_id && slot.sequence_and_kind >> 56 == static_cast<std::uint64_t>(header.kind)) {
      break;
    }
    at = (at + 1) & mask;
  }
  if (shard.slots[at].sequence_and_kind == 0) {
    return;
  }
  // Closes the gap, so that every later slot of the run stays reachable from its home.
  for (std::size_t next = (at + 1) & mask; shard.slots[next].sequence_and_kind != 0; next = (next + 1) & mask) {
    const Slot& slot = shard.slots[next];
    const std::size_t home = hash_of(slot.id, static_cast<RecordKind>(slot.sequence_and_kind >> 56)) / kShards & mask;
    if (((next - home) & mask) >= ((next - at) & mask)) {
      shard.slots[at] = slot;
      at = next;
    }
  }
  shard.slots[at] = {};
  --shard.used;
  --size_;
}

}  // namespace tallystick::journal
