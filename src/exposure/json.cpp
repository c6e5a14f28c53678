#include "exposure/json.h"

#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::exposure {

namespace json = boost::json;

json::object to_json(const Placement& placement) {
  return {{"id", base::format_uuid(placement.id)},
          {"slug", placement.slug},
          {"name", placement.name},
          {"status", name_of(placement.status)},
          {"max_slots", placement.max_slots},
          {"countries", json::array(placement.countries.begin(), placement.countries.end())},
          {"vertical", placement.vertical},
          {"requires_token", placement.requires_token},
          {"created_at", base::format_rfc3339(placement.created_at)},
          {"updated_at", base::format_rfc3339(placement.updated_at)},
          {"version", placement.version}};
}

json::object to_json(const Merchant& merchant) {
  return {{"id", base::format_uuid(merchant.id)},
          {"slug", merchant.slug},
          {"name", merchant.name},
          {"status", name_of(merchant.status)},
          {"created_at", base::format_rfc3339(merchant.created_at)},
          {"updated_at", base::format_rfc3339(merchant.updated_at)},
          {"version", merchant.version}};
}

json::object to_json(const ExposureUnit& unit) {
  return {{"id", base::format_uuid(unit.id)},
          {"merchant_id", base::format_uuid(unit.merchant_id)},
          {"name", unit.name},
          {"exposure_type", name_of(unit.exposure_type)},
          {"created_at", base::format_rfc3339(unit.created_at)},
          {"updated_at", base::format_rfc3339(unit.updated_at)},
          {"version", unit.version}};
}

}  // namespace tallystick::exposure
