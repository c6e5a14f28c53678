#pragma once
// The rules that a partner and a link must meet before they are stored. Pure but for the look at the
// system's time-zone database; thread-safe.

#include <string_view>

#include "base/error.h"
#include "partners/model.h"

namespace tallystick::partners {

// The IANA name of a zone that this system knows: "Europe/Berlin", "UTC". Error code: "unknown_time_zone".
[[nodiscard]] base::Result<void> check_time_zone(std::string_view name);

// kUnprocessable "validation_failed" with one field error per offending member. Expects the hosts in the
// normal form of hosts.h.
[[nodiscard]] base::Result<void> validate(const Partner& partner);

// Also holds the destination's scheme and host against the partner ("http_not_allowed", "host_not_allowed").
// Error as above.
[[nodiscard]] base::Result<void> validate(const Link& link, const Partner& partner);

}  // namespace tallystick::partners
