#pragma once
// Rate limits that all reactors share without a lock: the generic cell rate algorithm, one atomic moment per bucket.
// Thread-safe.

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/ip.h"
#include "base/uuid.h"

namespace tallystick::capture {

struct Rate {
  std::uint32_t per_second = 0;  // 0: unlimited
  std::uint32_t burst = 1;       // how many may come at once
};

class Throttle {
 public:
  // Memory is fixed: `client_slots` and `partner_slots` (rounded up to powers of two) of 16 bytes each. `seed` keeps
  // outsiders from choosing addresses that share a slot.
  Throttle(std::size_t client_slots, std::size_t partner_slots, std::uint64_t seed);

  // 0 when allowed and counted, else microseconds until it would be. IPv6 clients are counted by /64. Two clients may
  // share a slot; then the later one takes it over, so a limit is never stricter for having shared.
  [[nodiscard]] std::int64_t take(const base::IpAddress& client, const Rate& rate, std::int64_t now_us);
  // Partners never share; when there are more than slots, the rest are not limited.
  [[nodiscard]] std::int64_t take(const base::Uuid& partner, const Rate& rate, std::int64_t now_us);

 private:
  struct Slot {
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::int64_t> next_us{0};  // theoretical arrival time
  };
  static std::int64_t take_from(Slot& slot, const Rate& rate, std::int64_t now_us);
  [[nodiscard]] std::uint64_t mix(std::uint64_t high, std::uint64_t low) const;

  std::unique_ptr<Slot[]> clients_;
  std::unique_ptr<Slot[]> partners_;
  std::size_t client_mask_;
  std::size_t partner_mask_;
  std::uint64_t seed_;
};

}  // namespace tallystick::capture
