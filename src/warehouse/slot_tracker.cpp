#include "warehouse/slot_tracker.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "base/prefetch.h"

namespace tallystick::warehouse {
namespace {

constexpr std::size_t kFirstEntries = 1024;
constexpr std::size_t kGrowth = 8;  // what is outgrown was memory that had to be touched for nothing

// The finaliser of SplitMix64: every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

std::uint64_t mix_id(std::uint64_t seed, const base::Uuid& id) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, id.bytes.data(), 8);
  std::memcpy(&low, id.bytes.data() + 8, 8);
  return mix(mix(seed ^ high) ^ low);
}

}  // namespace

template <typename Entry>
Entry& RecentKeys<Entry>::slot_of(Half& half, std::uint64_t key) {
  const std::size_t mask = half.entries.size() - 1;
  std::size_t at = static_cast<std::size_t>(key) & mask;
  while (half.entries[at].key != key && half.entries[at].key != 0) {
    at = (at + 1) & mask;
  }
  return half.entries[at];
}

template <typename Entry>
void RecentKeys<Entry>::grow() {
  if (young_.size >= max_keys_) {
    std::swap(old_, young_);
    young_.entries.assign(old_.entries.size(), Entry{});
    young_.size = 0;
    return;
  }
  Half bigger;
  bigger.entries.resize(
      std::max(kFirstEntries, std::min(young_.entries.size() * kGrowth, std::bit_ceil(max_keys_ * 2))));
  for (const Entry& entry : young_.entries) {
    if (entry.key != 0) {
      slot_of(bigger, entry.key) = entry;
    }
  }
  bigger.size = young_.size;
  young_ = std::move(bigger);
}

template <typename Entry>
RecentKeys<Entry>::Found RecentKeys<Entry>::touch(std::uint64_t key) {
  key = key == 0 ? 1 : key;
  if (young_.size >= max_keys_ || young_.size * 2 >= young_.entries.size()) {
    grow();
  }
  Entry& entry = slot_of(young_, key);
  if (entry.key == key) {
    return {entry, false};
  }
  entry.key = key;
  ++young_.size;
  if (!old_.entries.empty()) {
    if (const Entry& before = slot_of(old_, key); before.key == key) {
      entry = before;
      return {entry, false};
    }
  }
  return {entry, true};
}

template <typename Entry>
void RecentKeys<Entry>::prefetch(std::uint64_t key) const {
  for (const Half* half : {&young_, &old_}) {
    if (!half->entries.empty()) {
      base::prefetch(&half->entries[static_cast<std::size_t>(key) & (half->entries.size() - 1)]);
    }
  }
}

template <typename Entry>
void RecentKeys<Entry>::clear() {
  young_ = {};
  old_ = {};
}

SlotTracker::Keys SlotTracker::make_keys(std::uint64_t session,
                                         const base::Uuid& placement_id,
                                         const base::Uuid& merchant_id,
                                         std::int64_t day) const {
  if (session == 0 || merchant_id.is_nil()) {
    return {};
  }
  Keys keys;
  keys.session = mix_id(mix(session) ^ static_cast<std::uint64_t>(day), placement_id);
  keys.pair = std::max<std::uint64_t>(mix_id(keys.session, merchant_id), 1);
  pairs_.prefetch(keys.pair);
  sessions_.prefetch(keys.session);
  return keys;
}

std::uint16_t SlotTracker::take(const Keys& keys) {
  if (keys.pair == 0) {
    return 0;
  }
  const bool is_new_merchant = pairs_.touch(keys.pair).is_new;
  std::uint32_t& count = sessions_.touch(keys.session).entry.count;
  count += is_new_merchant || count == 0 ? 1U : 0U;
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(count, std::numeric_limits<std::uint16_t>::max()));
}

void SlotTracker::clear() {
  pairs_.clear();
  sessions_.clear();
}

}  // namespace tallystick::warehouse
