#include "warehouse/enumerations.h"

#include <array>
#include <utility>

namespace tallystick::warehouse {

namespace {

constexpr auto kEnumerations = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"verdict_class", "'valid' = 0, 'suspect' = 1, 'givt' = 2, 'sivt' = 3"},
    {"impression_state", "'served' = 0, 'measurable' = 1, 'viewable' = 2"},
    {"exposure_type",
     "'none' = 0, 'banner' = 1, 'logo' = 2, 'merchant_page' = 3, 'card' = 4, 'carousel' = 5, 'search_result' = 6, "
     "'category_tile' = 7, 'email' = 8, 'push' = 9"},
    {"agent_class",
     "'unknown' = 0, 'desktop' = 1, 'mobile' = 2, 'tablet' = 3, 'in_app' = 4, 'crawler' = 5, 'other' = 6"},
    {"consent_basis", "'default' = 0, 'gpc' = 1, 'tcf' = 2, 'explicit' = 3"},
    {"conversion_status", "'pending' = 0, 'approved' = 1, 'paid' = 2, 'reversed' = 3"},
    {"event_kind", "'impression' = 1, 'click' = 2, 'conversion' = 3"},
    {"forwarding_state", "'forwarded' = 1, 'failed' = 2"},
    {"basis", "'net' = 1, 'gross' = 2"},
    {"attribution_model", "'last' = 1, 'first' = 2, 'linear' = 3, 'time_decay' = 4, 'position' = 5"},
});

}  // namespace

std::string enumeration_type(std::string_view name) {
  for (const auto& [known, members] : kEnumerations) {
    if (known == name) {
      return std::string("Enum8(").append(members).append(")");
    }
  }
  return {};
}

}  // namespace tallystick::warehouse
