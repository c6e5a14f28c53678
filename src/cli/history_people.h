#pragma once
// Who visits: people with a device, a country and an opinion on consent of their own, who come back; crawlers; programs
// that pose as people. The same seed always gives the same visitors, under the server's pepper. One thread.

#include <cstdint>
#include <string>

#include "cli/history_model.h"
#include "cli/history_random.h"
#include "crypto/sha256.h"

namespace tallystick::cli {

enum class HistoryNature : std::uint8_t { kPerson, kElsewhere, kCrawler, kDatacenter, kFlood };

class HistoryPeople {
 public:
  // `pepper` outlives it. `users`: how many people there are, at least 1.
  HistoryPeople(std::uint64_t seed, std::uint64_t users, const crypto::HmacKey& pepper)
      : seed_(seed), users_(users), pepper_(pepper) {}

  struct Visitor {
    HistoryNature nature = HistoryNature::kPerson;
    HistoryVisitor visitor;
  };
  // Who comes on this visit. `random` is the visit's.
  [[nodiscard]] Visitor make_visitor(std::uint64_t visit, HistoryRandom& random) const;

  // The user id as a client would send it (64 hex digits), so that the person can be asked for, or erased.
  [[nodiscard]] std::string user_id(std::uint64_t user) const;
  // The person who comes most often of those whose events name them.
  [[nodiscard]] std::uint64_t find_known_user() const;

 private:
  // What a person keeps from visit to visit.
  struct Person {
    HistoryVisitor visitor;
    bool has_account = false;
  };
  [[nodiscard]] Person make_person(std::uint64_t user) const;

  std::uint64_t seed_;
  std::uint64_t users_;
  const crypto::HmacKey& pepper_;
};

}  // namespace tallystick::cli
