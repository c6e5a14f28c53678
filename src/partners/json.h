#pragma once
// Partners, links and coupons as JSON, the form of the API and of the audit trail. The postback secret never appears:
// only whether there is one.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "partners/coupon.h"
#include "partners/model.h"

namespace tallystick::partners {

[[nodiscard]] boost::json::object to_json(const Partner& partner);
[[nodiscard]] boost::json::object to_json(const Link& link);
[[nodiscard]] boost::json::object to_json(const Coupon& coupon);

[[nodiscard]] boost::json::array to_json(const std::vector<std::string>& texts);
[[nodiscard]] boost::json::array to_json(const std::vector<base::IpNetwork>& networks);
[[nodiscard]] boost::json::array to_json(const std::vector<Contact>& contacts);

}  // namespace tallystick::partners
