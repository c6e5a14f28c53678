#include "capture/throttle.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/time.h"

namespace tallystick::capture {

Throttle::Throttle(std::size_t client_slots, std::size_t partner_slots, std::uint64_t seed)
    : clients_(std::make_unique<Slot[]>(std::bit_ceil(client_slots))),
      partners_(std::make_unique<Slot[]>(std::bit_ceil(partner_slots))),
      client_mask_(std::bit_ceil(client_slots) - 1),
      partner_mask_(std::bit_ceil(partner_slots) - 1),
      seed_(seed) {}

std::uint64_t Throttle::mix(std::uint64_t high, std::uint64_t low) const {
  std::uint64_t value = (high ^ seed_) * 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 29) ^ low) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 32) ^ seed_) * 0x94D049BB133111EBULL;
  return std::max<std::uint64_t>(value ^ (value >> 31), 1);  // 0 marks a free slot
}

std::int64_t Throttle::take_from(Slot& slot, const Rate& rate, std::int64_t now_us) {
  const std::int64_t step = std::max<std::int64_t>(base::kMicrosPerSecond / rate.per_second, 1);
  const std::int64_t tolerance = step * (std::max<std::int64_t>(rate.burst, 1) - 1);
  std::int64_t next = slot.next_us.load(std::memory_order_relaxed);
  while (true) {
    const std::int64_t start = std::max(next, now_us);
    if (start - now_us > tolerance) {
      return start - now_us - tolerance;
    }
    if (slot.next_us.compare_exchange_weak(next, start + step, std::memory_order_relaxed)) {
      return 0;
    }
  }
}

std::int64_t Throttle::take(const base::IpAddress& client, const Rate& rate, std::int64_t now_us) {
  if (rate.per_second == 0) {
    return 0;
  }
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, client.bytes.data(), 8);
  if (client.is_v4()) {
    std::memcpy(&low, client.bytes.data() + 8, 8);
  }
  const std::uint64_t key = mix(high, low);
  Slot& slot = clients_[key & client_mask_];
  if (slot.key.load(std::memory_order_relaxed) != key) {
    slot.key.store(key, std::memory_order_relaxed);
    slot.next_us.store(0, std::memory_order_relaxed);
  }
  return take_from(slot, rate, now_us);
}

std::int64_t Throttle::take(const base::Uuid& partner, const Rate& rate, std::int64_t now_us) {
  if (rate.per_second == 0) {
    return 0;
  }
  constexpr std::size_t kMaxProbes = 64;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, partner.bytes.data(), 8);
  std::memcpy(&low, partner.bytes.data() + 8, 8);
  const std::uint64_t key = mix(high, low);
  for (std::size_t probe = 0; probe < kMaxProbes; ++probe) {
    Slot& slot = partners_[(key + probe) & partner_mask_];
    std::uint64_t found = slot.key.load(std::memory_order_relaxed);
    if (found == 0 && slot.key.compare_exchange_strong(found, key, std::memory_order_relaxed)) {
      found = key;
    }
    if (found == key) {
      return take_from(slot, rate, now_us);
    }
  }
  return 0;
}

}  // namespace tallystick::capture
