#pragma once
// The JSON forms of this room's values. Pure.

#include <boost/json.hpp>

#include "access/audit.h"
#include "access/model.h"

namespace tallystick::access {

// Without digest and secret.
[[nodiscard]] boost::json::object to_json(const ApiKey& key);
[[nodiscard]] boost::json::object to_json(const Principal& principal);
[[nodiscard]] boost::json::object to_json(const AuditEntry& entry);

}  // namespace tallystick::access
