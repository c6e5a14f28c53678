#pragma once
// The capture endpoints, as routes that are handled on the reactor by a Worker.

#include "http/router.h"

namespace tallystick::capture {

enum class InlineTag : int { kImpression, kExposure, kClick, kConversion, kPostback };

void add_routes(http::Router& router);

}  // namespace tallystick::capture
