#pragma once
// The enumerations of the schema: one place for their names and numbers, which are the journal's. Pure.

#include <string>
#include <string_view>

namespace tallystick::warehouse {

// "Enum8('valid' = 0, ...)" for "verdict_class"; empty when there is no such enumeration. Known: verdict_class,
// impression_state, exposure_type, agent_class, consent_basis, conversion_status, event_kind, forwarding_state,
// attribution_model.
[[nodiscard]] std::string enumeration_type(std::string_view name);

}  // namespace tallystick::warehouse
