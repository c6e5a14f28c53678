#pragma once
// What a later record about an event (a revision of its verdict, a forwarding) repeats of the event, so that counts can
// be corrected without a join. Pure.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/time.h"
#include "base/uuid.h"
#include "journal/event.h"

namespace tallystick::warehouse {

struct EventDimensions {
  base::Timestamp occurred_at;
  base::Uuid placement_id = {};
  base::Uuid merchant_id = {};
  base::Uuid partner_id = {};
  base::Uuid link_id = {};
  journal::ImpressionState state = journal::ImpressionState::kServed;
  std::int32_t rank_position = -1;
  journal::VerdictClass verdict_class = journal::VerdictClass::kValid;  // as it was recorded

  friend bool operator==(const EventDimensions&, const EventDimensions&) = default;
};

// -1: absent.
[[nodiscard]] inline std::int32_t rank_or_absent(const std::optional<std::uint32_t>& rank) {
  constexpr auto kMax = static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max());
  return rank ? static_cast<std::int32_t>(std::min(*rank, kMax)) : -1;
}

[[nodiscard]] inline EventDimensions dimensions_of(const journal::Impression& event) {
  return {.occurred_at = event.occurred_at,
          .placement_id = event.placement_id,
          .merchant_id = event.merchant_id,
          .partner_id = event.partner_id,
          .state = event.state,
          .rank_position = rank_or_absent(event.rank_position),
          .verdict_class = event.verdict.klass};
}

// A click happens when it is received.
[[nodiscard]] inline EventDimensions dimensions_of(const journal::Click& event, base::Timestamp received_at) {
  return {.occurred_at = received_at,
          .placement_id = event.placement_id,
          .merchant_id = event.merchant_id,
          .partner_id = event.partner_id,
          .link_id = event.link_id,
          .verdict_class = event.verdict.klass};
}

[[nodiscard]] inline EventDimensions dimensions_of(const journal::Conversion& event) {
  return {.occurred_at = event.occurred_at,
          .merchant_id = event.merchant_id,
          .partner_id = event.partner_id,
          .verdict_class = event.verdict.klass};
}

}  // namespace tallystick::warehouse
