#include "server/link_routes.h"

#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "capture/link_signature.h"
#include "server/json_request.h"

namespace tallystick::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxLinks = 500;
constexpr std::size_t kMaxBodyBytes = 1 << 20;

void read_parameters(const json::object& object,
                     const std::string& pointer,
                     capture::LinkRequest& request,
                     base::FieldErrors& errors) {
  const json::value* parameters = object.if_contains("parameters");
  if (parameters == nullptr) {
    return;
  }
  if (!parameters->is_object()) {
    errors.add(pointer + "/parameters", "wrong_type", "must be an object of strings");
    return;
  }
  for (const auto& member : parameters->get_object()) {
    if (!member.value().is_string()) {
      errors.add(
          fmt::format("{}/parameters/{}", pointer, std::string_view(member.key())), "wrong_type", "must be a string");
      continue;
    }
    request.parameters.emplace_back(member.key(), member.value().get_string());
  }
}

// One element of the request. Members: partner, link, event_id, expires_at, parameters.
std::optional<capture::LinkRequest> read_request(const LinkSigning& signing,
                                                 const capture::Catalog& catalog,
                                                 const json::object& object,
                                                 const std::string& pointer,
                                                 base::FieldErrors& errors) {
  refuse_unknown(object, {"partner", "link", "event_id", "expires_at", "parameters"}, pointer, errors);
  capture::LinkRequest request;
  request.partner = text_member(object, "partner", pointer, errors);
  request.link = text_member(object, "link", pointer, errors);
  const capture::CatalogPartner* partner = catalog.find_partner(request.partner);
  if (partner == nullptr) {
    errors.add(pointer + "/partner", "partner_not_found", "there is no partner with this slug");
    return std::nullopt;
  }
  if (catalog.find_link(partner->id, request.link) == nullptr) {
    errors.add(pointer + "/link", "link_not_found", "the partner has no link with this slug");
    return std::nullopt;
  }
  if (const std::string text = text_member(object, "event_id", pointer, errors); !text.empty()) {
    const auto id = base::parse_uuid(text);
    errors.check(pointer + "/event_id", id);
    request.event_id = id.value_or(base::Uuid{});
  }
  const base::Timestamp now = signing.clock.now();
  request.expires_at = now + partner->link_lifetime_us;
  if (const std::string text = text_member(object, "expires_at", pointer, errors); !text.empty()) {
    const auto time = base::parse_rfc3339(text);
    errors.check(pointer + "/expires_at", time);
    if (time && *time - now > partner->link_lifetime_us) {
      errors.add(pointer + "/expires_at", "out_of_range", "later than the partner's link lifetime allows");
    }
    request.expires_at = time.value_or(request.expires_at);
  }
  read_parameters(object, pointer, request, errors);
  return request;
}

json::object to_json(const capture::SignedLink& link, const std::string& public_url) {
  return {{"url", public_url + link.target},
          {"target", link.target},
          {"event_id", base::format_uuid(link.event_id)},
          {"expires_at", base::format_rfc3339(link.expires_at)},
          {"key_id", link.key_id}};
}

base::Result<json::object> sign(const LinkSigning& signing, const http::Request& http_request) {
  TALLY_ASSIGN(const json::object body, parse_object(http_request.body));
  const json::value* list = body.if_contains("links");
  base::FieldErrors errors;
  const auto catalog = signing.catalog.catalog();
  std::vector<capture::LinkRequest> requests;
  const auto read = [&](const json::object& object, const std::string& pointer) {
    if (auto request = read_request(signing, *catalog, object, pointer, errors)) {
      requests.push_back(*std::move(request));
    }
  };
  if (list == nullptr) {
    read(body, "");
  } else {
    refuse_unknown(body, {"links"}, "", errors);
    const json::array* items = list->if_array();
    if (items == nullptr || items->empty() || items->size() > kMaxLinks) {
      errors.add("/links", "out_of_range", fmt::format("must be a list of 1 to {} objects", kMaxLinks));
    }
    for (std::size_t i = 0; items != nullptr && i < items->size() && i < kMaxLinks; ++i) {
      if (const json::object* object = (*items)[i].if_object()) {
        read(*object, fmt::format("/links/{}", i));
      } else {
        errors.add(fmt::format("/links/{}", i), "wrong_type", "must be an object");
      }
    }
  }
  TALLY_TRY(errors.result());
  const std::string url = signing.public_url();
  json::array links;
  for (const capture::LinkRequest& request : requests) {
    TALLY_ASSIGN(const capture::SignedLink link,
                 capture::make_signed_link(request, signing.keys, signing.clock.now(), signing.random));
    if (list == nullptr) {
      return to_json(link, url);
    }
    links.push_back(to_json(link, url));
  }
  return json::object{{"links", std::move(links)}};
}

}  // namespace

void add_link_routes(http::Router& router, LinkSigning signing) {
  http::Route route;
  route.method = http::Method::kPost;
  route.pattern = "/api/links/sign";
  route.scope = "links:sign";
  route.summary = "Sign links: one, or up to 500 as {\"links\": [...]}";
  route.max_body_bytes = kMaxBodyBytes;
  route.handler = [signing = std::move(signing)](const http::Request& request) {
    const auto signed_links = sign(signing, request);
    return signed_links ? http::json_response(200, json::serialize(*signed_links))
                        : http::problem(signed_links.error(), request.path);
  };
  router.add(std::move(route));
}

}  // namespace tallystick::server
