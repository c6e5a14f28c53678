#pragma once
// A small world of events for tests of attribution. One thread.

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

// What all events have.
struct EventHead {
  std::uint32_t log_id = 0;
  std::uint64_t sequence = 0;
  base::Uuid event_id = {};
  base::Timestamp received_at;
  base::Timestamp occurred_at;
};

struct ExposureEvent : EventHead {
  base::Uuid placement_id = {};
  base::Uuid merchant_id = {};
  std::uint64_t user = 0;
  std::uint64_t session = 0;
};

struct ClickEvent : EventHead {
  base::Uuid partner_id = {};
  base::Uuid placement_id = {};
  base::Uuid merchant_id = {};
  std::int8_t verdict_class = 0;
  std::uint64_t user = 0;
  std::uint64_t session = 0;
};

struct ConversionEvent : EventHead {
  base::Uuid conversion_key = {};
  base::Uuid click_id = {};
  base::Uuid partner_id = {};
  base::Uuid merchant_id = {};
  std::int64_t commission_minor = 0;
  std::uint64_t user = 0;
};

// Of a click. occurred_at is the click's.
struct RevisionEvent : EventHead {
  std::uint64_t revised_sequence = 0;
  std::int8_t old_class = 0;
  std::int8_t new_class = 0;
};

struct History {
  std::vector<ExposureEvent> exposures;
  std::vector<ClickEvent> clicks;
  std::vector<ConversionEvent> conversions;
  std::vector<RevisionEvent> revisions;

  // What was received after `after` and not after `until`.
  [[nodiscard]] History received(base::Timestamp after, base::Timestamp until) const;
  // One more than the greatest sequence of that log.
  [[nodiscard]] std::uint64_t end_of(std::uint32_t log_id) const;
};

// Few users, sessions, merchants and placements, and times ten minutes apart, so that ties, edges of windows and long
// paths are common; some events lack what others have. Two logs, 7 and 8. Ends at `until`.
[[nodiscard]] History make_history(std::uint64_t seed, base::Timestamp until);

// Numbers the events of each log in the order of receipt.
void number_events(History& history);

// Throws std::runtime_error.
void insert_history(Client& client, const Layout& layout, const History& history);

}  // namespace tallystick::warehouse
