#pragma once
// Which records say again what another one says, and which rows amend which. Keys are compared only where something is
// without a match, or amends. Pure; docs/reconciliation.md, "Causes".

#include <cstdint>
#include <span>
#include <vector>

#include "reconcile/causes.h"
#include "reconcile/model.h"

namespace tallystick::reconcile {

// By position: whether the record is without a match and another one says the same: one with a match, or else the one
// whose key comes first.
[[nodiscard]] std::vector<bool> find_repeated_claims(std::span<const Claim> claims, const Matching& matching);
[[nodiscard]] std::vector<bool> find_repeated_truths(std::span<const Truth> truths, const Matching& matching);

// Rows that amend others, and what they amend.
class Corrections {
 public:
  Corrections(std::span<const Claim> claims, const Matching& matching);

  struct Link {
    std::uint32_t claim = kNone;       // the row that is amended; kNone: it names none that we have
    std::uint32_t correction = kNone;  // the row that amends
  };
  // By the row that is amended.
  [[nodiscard]] std::span<const Link> links() const { return links_; }
  // Of those that amend the claim in its currency, whenever they were booked; pending ones left out.
  [[nodiscard]] Wide sum_for(std::uint32_t claim) const;

 private:
  std::span<const Claim> claims_;
  std::vector<Link> links_;
};

}  // namespace tallystick::reconcile
