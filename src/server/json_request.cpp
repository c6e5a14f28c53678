#include "server/json_request.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace tallystick::server {

namespace json = boost::json;

base::Result<json::object> parse_object(std::string_view body) {
  boost::system::error_code error;
  json::value value = json::parse(body, error);
  if (error) {
    return base::fail(base::ErrorKind::kInvalid, "bad_json", "the body is no JSON");
  }
  if (!value.is_object()) {
    return base::fail(base::ErrorKind::kInvalid, "not_an_object", "the body must be a JSON object");
  }
  return std::move(value.get_object());
}

void refuse_unknown(const json::object& object,
                    std::initializer_list<std::string_view> known,
                    std::string_view pointer,
                    base::FieldErrors& errors) {
  for (const auto& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      errors.add(fmt::format("{}/{}", pointer, name), "unknown_member", "no such member here");
    }
  }
}

std::string text_member(const json::object& object,
                        std::string_view name,
                        std::string_view pointer,
                        base::FieldErrors& errors) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr) {
    return {};
  }
  if (!member->is_string()) {
    errors.add(fmt::format("{}/{}", pointer, name), "wrong_type", "must be a string");
    return {};
  }
  return std::string(member->as_string());
}

}  // namespace tallystick::server
