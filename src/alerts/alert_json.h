#pragma once
// Alerts and deliveries as JSON, the form of the API, the audit trail and the webhook. Pure.

#include <boost/json.hpp>

#include "alerts/delivery.h"
#include "alerts/model.h"

namespace tallystick::alerts {

[[nodiscard]] boost::json::object to_json(const Alert& alert);
[[nodiscard]] boost::json::object to_json(const Delivery& delivery);

}  // namespace tallystick::alerts
