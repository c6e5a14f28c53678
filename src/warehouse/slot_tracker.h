#pragma once
// How many slots of a placement a session has seen filled: the distinct merchants that it was shown there on a UTC day,
// counted record by record in the order of the log. Bounded: it remembers the sessions that were active last, at least
// kMaxPairs (session, merchant) pairs, at most twice as many; a session that returns after being forgotten counts anew.
// One thread.

#include <cstddef>
#include <cstdint>

#include "base/huge_pages.h"
#include "base/uuid.h"

namespace tallystick::warehouse {

// A bounded set of 64-bit keys, which are hashes already, each with what `Entry` has beside it. Two halves: what is
// touched moves to the young one; when that is full the old one is forgotten. Most of it is memory that is read and
// written all over the place, so an entry is as small as can be.
template <typename Entry>
class RecentKeys {
 public:
  explicit RecentKeys(std::size_t max_keys) : max_keys_(max_keys) {}

  struct Found {
    Entry& entry;
    bool is_new;
  };
  // Valid until the next call. What is beside a new key is 0.
  [[nodiscard]] Found touch(std::uint64_t key);
  // touch() of this key will be soon.
  void prefetch(std::uint64_t key) const;
  void clear();

 private:
  struct Half {
    base::HugeVector<Entry> entries;  // a power of two, at most half of them taken
    std::size_t size = 0;
  };

  static Entry& slot_of(Half& half, std::uint64_t key);
  void grow();

  std::size_t max_keys_;
  Half young_;
  Half old_;
};

struct RecentKey {
  std::uint64_t key = 0;  // 0: free
};

struct RecentCount {
  std::uint64_t key = 0;  // 0: free
  std::uint32_t count = 0;
};

class SlotTracker {
 public:
  static constexpr std::size_t kMaxPairs = 2'000'000;

  explicit SlotTracker(std::size_t max_pairs = kMaxPairs) : pairs_(max_pairs), sessions_(max_pairs) {}

  // What an impression is counted under. Making it fetches what take() will look at, which takes as long as some
  // records: make the keys of a few before taking them. `day` is counted from 1970-01-01.
  struct Keys {
    std::uint64_t pair = 0;  // 0: without session or merchant
    std::uint64_t session = 0;
  };
  [[nodiscard]] Keys make_keys(std::uint64_t session,
                               const base::Uuid& placement_id,
                               const base::Uuid& merchant_id,
                               std::int64_t day) const;
  // The merchants that the session was shown in the placement on that day so far, this one included. 0 without session
  // or merchant.
  [[nodiscard]] std::uint16_t take(const Keys& keys);
  [[nodiscard]] std::uint16_t take(std::uint64_t session,
                                   const base::Uuid& placement_id,
                                   const base::Uuid& merchant_id,
                                   std::int64_t day) {
    return take(make_keys(session, placement_id, merchant_id, day));
  }
  void clear();

 private:
  RecentKeys<RecentKey> pairs_;       // of session, placement, day and merchant
  RecentKeys<RecentCount> sessions_;  // of session, placement and day
};

}  // namespace tallystick::warehouse
