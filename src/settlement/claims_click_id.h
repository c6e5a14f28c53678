#pragma once
// Finds the click id that we gave a partner in the sub-id that its report gives back. Networks change the case, put
// words before and behind, cut at a length, take dashes away or write others for them. Pure.

#include <optional>
#include <string_view>

#include "base/uuid.h"

namespace tallystick::settlement {

inline constexpr std::size_t kMaxSubIdBytes = 1'024;  // beyond it nothing is looked for

// The first UUID in the text: written 8-4-4-4-12 with '-' or '_' between, wherever it stands; else 32 hex digits with
// no others beside them; else, where letters of a prefix run into the digits, the one place in them that has the
// version and variant of a UUID. Nothing when there is none or more than one such place.
[[nodiscard]] std::optional<base::Uuid> find_click_id(std::string_view sub_id);

}  // namespace tallystick::settlement
