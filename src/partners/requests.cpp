#include "partners/requests.h"

#include <initializer_list>
#include <optional>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "access/json_members.h"
#include "base/ip.h"
#include "base/money.h"
#include "base/uuid.h"

namespace tallystick::partners {
namespace {

using access::JsonMembers;
namespace json = boost::json;

std::optional<std::vector<base::IpNetwork>> take_networks(JsonMembers& members, std::string_view name) {
  const auto texts = members.take_texts(name);
  if (!texts) {
    return std::nullopt;
  }
  std::vector<base::IpNetwork> networks;
  for (std::size_t i = 0; i < texts->size(); ++i) {
    const auto network = base::parse_cidr((*texts)[i]);
    if (network) {
      networks.push_back(*network);
    } else {
      members.errors().add(fmt::format("/{}/{}", name, i), network.error());
    }
  }
  return networks;
}

// Exactly {"name": text, "email": text}.
std::optional<Contact> parse_contact(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr || object->size() != 2) {
    return std::nullopt;
  }
  const auto* name = object->if_contains("name");
  const auto* email = object->if_contains("email");
  if (name == nullptr || email == nullptr || !name->is_string() || !email->is_string()) {
    return std::nullopt;
  }
  return Contact{std::string(name->get_string()), std::string(email->get_string())};
}

std::optional<std::vector<Contact>> take_contacts(JsonMembers& members, std::string_view name) {
  const auto value = members.take(name);
  if (!value) {
    return std::nullopt;
  }
  if (!value->is_array()) {
    members.errors().add(JsonMembers::pointer_to(name), "wrong_type", "expected a list of contacts");
    return std::nullopt;
  }
  std::vector<Contact> contacts;
  for (std::size_t i = 0; i < value->get_array().size(); ++i) {
    auto contact = parse_contact(value->get_array()[i]);
    if (contact) {
      contacts.push_back(*std::move(contact));
    } else {
      members.errors().add(fmt::format("/{}/{}", name, i), "wrong_type", "expected {\"name\": text, \"email\": text}");
    }
  }
  return contacts;
}

// A text is a new placement, null takes the present one away.
std::optional<std::optional<base::Uuid>> take_placement(JsonMembers& members, std::string_view name) {
  const auto value = members.take(name);
  if (!value) {
    return std::nullopt;
  }
  if (value->is_null()) {
    return std::optional<base::Uuid>();
  }
  const auto* text = value->if_string();
  const auto id = text == nullptr ? std::nullopt : [&]() -> std::optional<base::Uuid> {
    const auto parsed = base::parse_uuid({text->data(), text->size()});
    return parsed ? std::optional(*parsed) : std::nullopt;
  }();
  if (!id) {
    members.errors().add(JsonMembers::pointer_to(name), "bad_uuid", "expected the id of a placement or null");
    return std::nullopt;
  }
  return id;
}

PartnerChange take_partner_change(JsonMembers& members) {
  PartnerChange change;
  change.name = members.take_text("name");
  change.network = members.take_parsed("network", parse_network);
  change.allowed_hosts = members.take_texts("allowed_hosts");
  change.allows_http = members.take_boolean("allows_http");
  change.sub_id_parameter = members.take_text("sub_id_parameter");
  change.public_page = members.take_text("public_page");
  change.link_lifetime_s = members.take_integer("link_lifetime_s");
  change.throttle_per_second = members.take_integer("throttle_per_second");
  change.currency = members.take_parsed("currency", base::parse_currency);
  change.time_zone = members.take_text("time_zone");
  change.tolerance_basis_points = members.take_integer("tolerance_basis_points");
  change.postback_secret = members.take_text("postback_secret");
  change.postback_sources = take_networks(members, "postback_sources");
  change.allows_duplicate_postbacks = members.take_boolean("allows_duplicate_postbacks");
  change.contacts = take_contacts(members, "contacts");
  return change;
}

LinkChange take_link_change(JsonMembers& members) {
  LinkChange change;
  change.destination = members.take_text("destination");
  change.placement_id = take_placement(members, "placement_id");
  change.disclosure = members.take_text("disclosure");
  change.coupon = members.take_text("coupon");
  return change;
}

template <typename Change>
base::Result<Draft<Change>> parse_draft(std::string_view body,
                                        std::initializer_list<std::string_view> required,
                                        Change (*take_change)(JsonMembers&)) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(body));
  for (const auto name : required) {
    members.require(name);
  }
  Draft<Change> draft;
  draft.slug = members.take_text("slug").value_or("");
  draft.change = take_change(members);
  TALLY_TRY(members.finish());
  return draft;
}

template <typename Change>
base::Result<Change> parse_change(std::string_view body, Change (*take_change)(JsonMembers&)) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(body));
  auto change = take_change(members);
  TALLY_TRY(members.finish());
  return change;
}

}  // namespace

base::Result<Draft<PartnerChange>> parse_partner_draft(std::string_view body) {
  return parse_draft(body, {"slug", "name", "currency"}, take_partner_change);
}

base::Result<Draft<LinkChange>> parse_link_draft(std::string_view body) {
  return parse_draft(body, {"slug", "destination"}, take_link_change);
}

base::Result<PartnerChange> parse_partner_change(std::string_view body) {
  return parse_change(body, take_partner_change);
}

base::Result<LinkChange> parse_link_change(std::string_view body) {
  return parse_change(body, take_link_change);
}

}  // namespace tallystick::partners
