#pragma once
// Placements, merchants and exposure units as JSON, the form of the API and of the audit trail.

#include <boost/json.hpp>

#include "exposure/model.h"

namespace tallystick::exposure {

[[nodiscard]] boost::json::object to_json(const Placement& placement);
[[nodiscard]] boost::json::object to_json(const Merchant& merchant);
[[nodiscard]] boost::json::object to_json(const ExposureUnit& unit);

}  // namespace tallystick::exposure
