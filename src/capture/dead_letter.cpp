#include "capture/dead_letter.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <simdjson.h>

namespace tallystick::capture {
namespace {

namespace boost_json = boost::json;

constexpr std::size_t kMaxDepth = 32;

constexpr auto kPersonalMembers = std::to_array<std::string_view>(
    {"user_id",    "user",           "userid",      "session_id",   "session",       "sessionid", "ip",
     "ip_address", "client_ip",      "remote_addr", "user_agent",   "useragent",     "ua",        "email",
     "e_mail",     "customer_email", "phone",       "name",         "first_name",    "last_name", "device_id",
     "idfa",       "gaid",           "tcf",         "gdpr_consent", "addtl_consent", "sig"});

void clean(boost_json::value& value, std::size_t depth);

void clean_object(boost_json::object& object, std::size_t depth) {
  for (auto member = object.begin(); member != object.end();) {
    if (is_personal_member(member->key())) {
      member = object.stable_erase(member);
    } else {
      clean(member->value(), depth + 1);
      ++member;
    }
  }
}

void clean(boost_json::value& value, std::size_t depth) {
  if (depth > kMaxDepth) {
    value = nullptr;
  } else if (value.is_object()) {
    clean_object(value.get_object(), depth);
  } else if (value.is_array()) {
    for (boost_json::value& element : value.get_array()) {
      clean(element, depth + 1);
    }
  }
}

std::string unparsed(std::size_t bytes) {
  return "{\"unparsed_bytes\":" + std::to_string(bytes) + "}";
}

}  // namespace

bool is_personal_member(std::string_view name) {
  return std::ranges::any_of(kPersonalMembers,
                             [&](std::string_view personal) { return equals_ignoring_case(name, personal); });
}

std::string make_dead_letter_raw(std::string_view event,
                                 const journal::Consent& consent,
                                 std::string_view source,
                                 std::size_t max_bytes) {
  boost::system::error_code error;
  boost_json::value value = event.size() <= max_bytes ? boost_json::parse(event, error) : boost_json::value();
  if (error || !value.is_object()) {
    return unparsed(event.size());
  }
  boost_json::object& object = value.get_object();
  clean_object(object, 0);
  object["consent"] = {{"analytics", consent.has_analytics},
                       {"marketing", consent.has_marketing},
                       {"basis", boost_json::string(journal::name_of(consent.basis))}};
  if (!source.empty()) {
    object["source"] = source;
  }
  std::string raw = boost_json::serialize(value);
  return raw.size() <= max_bytes + 256 ? raw : unparsed(event.size());
}

std::string make_dead_letter_raw(const ParameterList& parameters, std::string_view partner, std::size_t max_bytes) {
  boost_json::object object;
  std::size_t bytes = 0;
  for (const Parameter& parameter : parameters.all()) {
    bytes += parameter.name.size() + parameter.value.size();
    if (!is_personal_member(parameter.name)) {
      object[parameter.name] = parameter.value;
    }
  }
  std::string raw = boost_json::serialize(boost_json::object{{"partner", partner}, {"parameters", std::move(object)}});
  return raw.size() <= max_bytes && simdjson::validate_utf8(raw) ? raw : unparsed(bytes);
}

journal::Consent read_dead_letter_consent(std::string_view raw) {
  boost::system::error_code error;
  const boost_json::value value = boost_json::parse(raw, error);
  const boost_json::object* const object = error ? nullptr : value.if_object();
  const boost_json::value* const member = object == nullptr ? nullptr : object->if_contains("consent");
  if (member == nullptr || !member->is_object()) {
    return {};
  }
  const auto flag = [&](std::string_view name) {
    const boost_json::value* const found = member->get_object().if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
  };
  journal::Consent consent{.has_analytics = flag("analytics"), .has_marketing = flag("marketing")};
  const boost_json::value* const basis = member->get_object().if_contains("basis");
  if (basis != nullptr && basis->is_string()) {
    using enum journal::ConsentBasis;
    for (const journal::ConsentBasis candidate : {kDefault, kGpc, kTcf, kExplicit}) {
      if (std::string_view(basis->get_string()) == journal::name_of(candidate)) {
        consent.basis = candidate;
      }
    }
  }
  return consent;
}

}  // namespace tallystick::capture
