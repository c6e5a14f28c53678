#pragma once
// An event of PagerDuty's Events API v2. All events of an alert have one dedup_key, so that a raise, an escalation and
// a repetition are one incident there, which acknowledging and resolving end. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "alerts/notice.h"

namespace tallystick::alerts {

enum class PagerdutyAction : std::uint8_t { kTrigger, kAcknowledge, kResolve };

// A test triggers; who sends it resolves it at once.
[[nodiscard]] PagerdutyAction pagerduty_action(Cause cause);
[[nodiscard]] std::string make_pagerduty_event(const Notice& notice,
                                               std::string_view routing_key,
                                               PagerdutyAction action);

}  // namespace tallystick::alerts
