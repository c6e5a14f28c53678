#include "partners/json.h"

#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::partners {

namespace json = boost::json;

json::array to_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::array to_json(const std::vector<base::IpNetwork>& networks) {
  json::array array;
  for (const auto& network : networks) {
    array.emplace_back(base::format_cidr(network));
  }
  return array;
}

json::array to_json(const std::vector<Contact>& contacts) {
  json::array array;
  for (const auto& contact : contacts) {
    array.push_back(json::object{{"name", contact.name}, {"email", contact.email}});
  }
  return array;
}

json::object to_json(const Partner& partner) {
  return {{"id", base::format_uuid(partner.id)},
          {"slug", partner.slug},
          {"name", partner.name},
          {"network", name_of(partner.network)},
          {"status", name_of(partner.status)},
          {"allowed_hosts", to_json(partner.allowed_hosts)},
          {"allows_http", partner.allows_http},
          {"sub_id_parameter", partner.sub_id_parameter},
          {"public_page", partner.public_page},
          {"link_lifetime_s", partner.link_lifetime_s},
          {"throttle_per_second", partner.throttle_per_second},
          {"currency", partner.currency.text()},
          {"time_zone", partner.time_zone},
          {"tolerance_basis_points", partner.tolerance_basis_points},
          {"has_postback_secret", !partner.postback_secret.empty()},
          {"postback_sources", to_json(partner.postback_sources)},
          {"allows_duplicate_postbacks", partner.allows_duplicate_postbacks},
          {"contacts", to_json(partner.contacts)},
          {"created_at", base::format_rfc3339(partner.created_at)},
          {"updated_at", base::format_rfc3339(partner.updated_at)},
          {"version", partner.version}};
}

json::object to_json(const Link& link) {
  return {{"id", base::format_uuid(link.id)},
          {"partner_id", base::format_uuid(link.partner_id)},
          {"slug", link.slug},
          {"status", name_of(link.status)},
          {"destination", link.destination},
          {"placement_id", link.placement_id ? json::value(base::format_uuid(*link.placement_id)) : json::value()},
          {"disclosure", link.disclosure},
          {"coupon", link.coupon},
          {"created_at", base::format_rfc3339(link.created_at)},
          {"updated_at", base::format_rfc3339(link.updated_at)},
          {"version", link.version}};
}

json::object to_json(const Coupon& coupon) {
  const bool is_amount = coupon.discount_kind == DiscountKind::kAmount;
  return {
      {"id", base::format_uuid(coupon.id)},
      {"partner_id", base::format_uuid(coupon.partner_id)},
      {"code", coupon.code},
      {"discount_kind", name_of(coupon.discount_kind)},
      {"discount_value", discount_text(coupon)},
      {"currency", is_amount ? json::value(coupon.currency.text()) : json::value()},
      {"expires_at", coupon.expires_at.us == 0 ? json::value() : json::value(base::format_rfc3339(coupon.expires_at))},
      {"vertical", coupon.vertical},
      {"locale", coupon.locale},
      {"is_stackable", coupon.is_stackable},
      {"created_at", base::format_rfc3339(coupon.created_at)},
      {"updated_at", base::format_rfc3339(coupon.updated_at)},
      {"version", coupon.version}};
}

}  // namespace tallystick::partners
