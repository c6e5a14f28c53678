#pragma once
// What causes are called where people read them: a few words each, from our side. Pure.

#include <string_view>

#include "reconcile/model.h"

namespace tallystick::reconcile {

[[nodiscard]] std::string_view title_of(Cause cause);

}  // namespace tallystick::reconcile
