#pragma once
// A hash table bounded in number and age. Entries live in generations; the oldest generation is dropped
// whole, so nothing is ever searched for or moved to make room. What is dropped before its time is counted, and how
// late it was, so that a rule can say that it does not know. A byte per place says whether it is taken and, mostly,
// that it is another key's: these bytes stay in the cache when the entries do not. Not thread-safe: the owner's lock
// guards it.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "base/prefetch.h"
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

  // Brings the key's places near: what is looked up next costs one wait for memory instead of one each. The entry
  // itself is asked for where it most likely is or will be.
  void prefetch(const Key128& key) const {
    const std::uint64_t hash = hash_(key);
    for (const Generation& generation : generations_) {
      if (generation.used > 0) {
        base::prefetch(&generation.tags[hash & generation.mask()]);
      }
    }
    if (const Generation& newest = generations_[newest_]; newest.used > 0) {
      base::prefetch(&newest.slots[hash & newest.mask()]);
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
    const std::uint64_t hash = hash_(key);
    const std::size_t place = probe(newest, key, hash);
    if (newest.tags[place] == kFreeTag) {
      newest.tags[place] = tag_of(hash);
      ++newest.used;
      ++size_;
    }
    Slot* const slot = &newest.slots[place];
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
    const bool is_in_newest = slot >= newest.slots.get() && slot < newest.slots.get() + newest.tags.size();
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
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
  static constexpr std::uint8_t kFreeTag = 0;

  struct Slot {  // NOLINT(cppcoreguidelines-pro-type-member-init): set when its tag is
    Key128 key;
    std::int64_t at_us;
    [[no_unique_address]] Value value;
  };
  struct Generation {
    std::unique_ptr<Slot[]> slots;  // one per tag; only those with a tag are set
    std::vector<std::uint8_t> tags;
    std::size_t used = 0;
    std::int64_t begin_us = kNever;
    std::int64_t latest_us = kNever;

    [[nodiscard]] std::size_t mask() const { return tags.size() - 1; }
    void resize(std::size_t count) {
      slots = std::make_unique_for_overwrite<Slot[]>(count);
      tags.assign(count, kFreeTag);
    }
  };

  // Other bits than those that choose the place, or the owner's shard.
  static std::uint8_t tag_of(std::uint64_t hash) { return static_cast<std::uint8_t>(hash >> 48U | 0x80U); }

  Slot* find_slot(const Key128& key, base::Timestamp now) {
    const std::uint64_t hash = hash_(key);
    for (std::size_t i = 0; i < kGenerations; ++i) {
      Generation& generation = generations_[(newest_ + kGenerations - i) % kGenerations];
      if (generation.used == 0) {
        continue;
      }
      const std::size_t place = probe(generation, key, hash);
      if (generation.tags[place] != kFreeTag) {
        Slot* const slot = &generation.slots[place];
        return now.us - slot->at_us < lifetime_us_ ? slot : nullptr;
      }
    }
    return nullptr;
  }

  // The place of the key, or the free one where it would go. There is always a free one.
  static std::size_t probe(const Generation& generation, const Key128& key, std::uint64_t hash) {
    const std::size_t mask = generation.mask();
    const std::uint8_t wanted = tag_of(hash);
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      const std::uint8_t tag = generation.tags[i];
      if (tag == kFreeTag || (tag == wanted && generation.slots[i].key == key)) {
        return i;
      }
    }
  }

  [[nodiscard]] bool needs_rotation(const Generation& newest, base::Timestamp now) const {
    // Rounded up: what is dropped for its age alone is never younger than the lifetime.
    const std::int64_t span = lifetime_us_ / static_cast<std::int64_t>(kGenerations - 1) + 1;
    return newest.used >= generation_capacity_ || (newest.begin_us != kNever && now.us - newest.begin_us >= span);
  }

  void make_room(base::Timestamp now) {
    if (needs_rotation(generations_[newest_], now)) {
      rotate(now);
    }
    Generation& target = generations_[newest_];
    if (target.begin_us == kNever) {
      target.begin_us = now.us;
    }
    if (target.tags.empty()) {
      target.resize(kFirstSlots);
    } else if ((target.used + 1) * 4 > target.tags.size() * 3) {
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
    Generation fresh;
    const std::size_t wanted = std::max(kFirstSlots, std::bit_ceil(expected * 4 / 3 + 1));
    if (oldest.tags.size() >= wanted && oldest.tags.size() <= wanted * 4) {
      fresh.slots = std::move(oldest.slots);
      fresh.tags = std::move(oldest.tags);
      std::fill(fresh.tags.begin(), fresh.tags.end(), kFreeTag);
    } else {
      fresh.resize(wanted);
    }
    oldest = std::move(fresh);
  }

  void grow(Generation& generation) {
    const std::unique_ptr<Slot[]> slots = std::move(generation.slots);
    const std::vector<std::uint8_t> tags = std::move(generation.tags);
    generation.resize(tags.size() * 2);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (tags[i] != kFreeTag) {
        const std::size_t place = probe(generation, slots[i].key, hash_(slots[i].key));
        generation.slots[place] = slots[i];
        generation.tags[place] = tags[i];
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
  std::int64_t forgotten_until_us_ = kNever;
};

}  // namespace tallystick::quality
