#pragma once
// A hash table bounded in number and age. Entries live in generations; the oldest generation is dropped
// whole, so nothing is ever searched for or moved to make room. What is dropped before its time is counted, and how
// late it was, so that a rule can say that it does not know. Not thread-safe: the owner's lock guards it.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <vector>

#include "base/time.h"
#include "quality/keyed_hash.h"

namespace tallystick::quality {

template <typename Value>
class AgingTable {
 public:
  AgingTable(KeyedHash hash, std::size_t capacity, std::int64_t lifetime_us) : hash_(hash) {
    set_bounds(capacity, lifetime_us);
  }

  void set_bounds(std::size_t capacity, std::int64_t lifetime_us) {
    generation_capacity_ = std::max<std::size_t>(capacity / kGenerations, 1);
    lifetime_us_ = lifetime_us;
  }

  // Brings the key's places near: what is looked up next costs one wait for memory instead of one each.
  void prefetch(const Key128& key) const {
    const std::uint64_t hash = hash_(key);
    for (const Generation& generation : generations_) {
      if (generation.used > 0) {
        __builtin_prefetch(&generation.slots[hash & (generation.slots.size() - 1)]);
      }
    }
  }

  // The entry, unless it is absent or too old at `now`. Pointers hold until the next insert.
  [[nodiscard]] Value* find(const Key128& key, base::Timestamp now, base::Timestamp* at = nullptr) {
    Slot* slot = find_slot(key, now);
    if (slot == nullptr) {
      return nullptr;
    }
    if (at != nullptr) {
      *at = {slot->at_us};
    }
    return &slot->value;
  }

  // Puts a new entry of age zero in. The caller has looked: no live entry of that key is there.
  Value& insert(const Key128& key, base::Timestamp now) {
    make_room(now);
    Generation& newest = generations_[newest_];
    newest.latest_us = std::max(newest.latest_us, now.us);
    Slot* slot = probe(newest, key, hash_(key));
    if (slot->at_us == kFree) {
      ++newest.used;
      ++size_;
    }
    slot->key = key;
    slot->at_us = now.us;
    // Not `Value{}`: what a value leaves unset need not be written, nor brought into the cache.
    return *::new (static_cast<void*>(&slot->value)) Value;
  }

  // The entry with its age set to zero; a new one when there is none.
  Value& touch(const Key128& key, base::Timestamp now) {
    Slot* slot = find_slot(key, now);
    if (slot == nullptr) {
      return insert(key, now);
    }
    const Generation& newest = generations_[newest_];
    const bool is_in_newest = slot >= newest.slots.data() && slot < newest.slots.data() + newest.slots.size();
    if (is_in_newest && !needs_rotation(newest, now)) {
      slot->at_us = now.us;
      generations_[newest_].latest_us = std::max(newest.latest_us, now.us);
      return slot->value;
    }
    const Value value = slot->value;
    Value& fresh = insert(key, now);
    fresh = value;
    return fresh;
  }

  // Slots in use, shadowed ones of touched entries included.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint64_t evicted_count() const { return evicted_count_; }
  // No entry later than this was dropped before its time.
  [[nodiscard]] base::Timestamp forgotten_until() const { return {forgotten_until_us_}; }

 private:
  static constexpr std::size_t kGenerations = 4;
  static constexpr std::size_t kFirstSlots = 16;
  static constexpr std::int64_t kFree = std::numeric_limits<std::int64_t>::min();

  struct Slot {
    Key128 key;
    std::int64_t at_us = kFree;
    [[no_unique_address]] Value value;
  };
  struct Generation {
    std::vector<Slot> slots;
    std::size_t used = 0;
    std::int64_t begin_us = kFree;
    std::int64_t latest_us = kFree;
  };

  Slot* find_slot(const Key128& key, base::Timestamp now) {
    prefetch(key);
    const std::uint64_t hash = hash_(key);
    for (std::size_t i = 0; i < kGenerations; ++i) {
      Generation& generation = generations_[(newest_ + kGenerations - i) % kGenerations];
      if (generation.used == 0) {
        continue;
      }
      Slot* slot = probe(generation, key, hash);
      if (slot->at_us != kFree) {
        return now.us - slot->at_us < lifetime_us_ ? slot : nullptr;
      }
    }
    return nullptr;
  }

  // The slot of the key, or the free one where it would go. There is always a free one.
  static Slot* probe(Generation& generation, const Key128& key, std::uint64_t hash) {
    const std::size_t mask = generation.slots.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      Slot& slot = generation.slots[i];
      if (slot.at_us == kFree || slot.key == key) {
        return &slot;
      }
    }
  }

  [[nodiscard]] bool needs_rotation(const Generation& newest, base::Timestamp now) const {
    // Rounded up: what is dropped for its age alone is never younger than the lifetime.
    const std::int64_t span = lifetime_us_ / static_cast<std::int64_t>(kGenerations - 1) + 1;
    return newest.used >= generation_capacity_ || (newest.begin_us != kFree && now.us - newest.begin_us >= span);
  }

  void make_room(base::Timestamp now) {
    if (needs_rotation(generations_[newest_], now)) {
      rotate(now);
    }
    Generation& target = generations_[newest_];
    if (target.begin_us == kFree) {
      target.begin_us = now.us;
    }
    if (target.slots.empty()) {
      target.slots.resize(kFirstSlots);
    } else if ((target.used + 1) * 4 > target.slots.size() * 3) {
      grow(target);
    }
  }

  void rotate(base::Timestamp now) {
    const std::size_t expected = generations_[newest_].used;
    newest_ = (newest_ + 1) % kGenerations;
    Generation& oldest = generations_[newest_];
    if (oldest.used > 0 && now.us - oldest.latest_us < lifetime_us_) {
      evicted_count_ += oldest.used;
      forgotten_until_us_ = std::max(forgotten_until_us_, oldest.latest_us);
    }
    size_ -= oldest.used;
    // The next generation will be about as large as the last: its memory is used again, and nothing grows step by step.
    std::vector<Slot> slots = std::move(oldest.slots);
    const std::size_t wanted = std::max(kFirstSlots, std::bit_ceil(expected * 4 / 3 + 1));
    if (slots.size() >= wanted && slots.size() <= wanted * 4) {
      std::fill(slots.begin(), slots.end(), Slot{});
    } else {
      slots = std::vector<Slot>(wanted);
    }
    oldest = Generation{};
    oldest.slots = std::move(slots);
  }

  void grow(Generation& generation) {
    std::vector<Slot> old(generation.slots.size() * 2);
    old.swap(generation.slots);
    for (const Slot& slot : old) {
      if (slot.at_us != kFree) {
        *probe(generation, slot.key, hash_(slot.key)) = slot;
      }
    }
  }

  KeyedHash hash_;
  std::size_t generation_capacity_ = 1;
  std::int64_t lifetime_us_ = 0;
  std::array<Generation, kGenerations> generations_;
  std::size_t newest_ = 0;
  std::size_t size_ = 0;
  std::uint64_t evicted_count_ = 0;
  std::int64_t forgotten_until_us_ = kFree;
};

}  // namespace tallystick::quality
