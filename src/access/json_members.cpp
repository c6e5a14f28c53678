#include "access/json_members.h"

#include <utility>

namespace tallystick::access {

namespace json = boost::json;

base::Result<JsonMembers> JsonMembers::parse(std::string_view body) {
  if (body.empty()) {
    return JsonMembers(json::object());
  }
  boost::system::error_code error;
  auto value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error) {
    return base::fail(base::ErrorKind::kInvalid, "bad_json", "the body is not JSON: " + error.message());
  }
  if (!value.is_object()) {
    return base::fail(base::ErrorKind::kInvalid, "not_an_object", "the body is not a JSON object");
  }
  return JsonMembers(std::move(value.get_object()));
}

std::string JsonMembers::pointer_to(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {  // RFC 6901, section 3
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

void JsonMembers::add_wrong_type(std::string_view name, std::string_view wanted) {
  errors_.add(pointer_to(name), "wrong_type", "expected " + std::string(wanted));
}

std::optional<json::value> JsonMembers::take(std::string_view name) {
  const auto found = members_.find(json::string_view(name.data(), name.size()));
  if (found == members_.end()) {
    return std::nullopt;
  }
  json::value value = std::move(found->value());
  members_.erase(found);
  return value;
}

std::optional<std::string> JsonMembers::take_text(std::string_view name) {
  const auto value = take(name);
  if (!value) {
    return std::nullopt;
  }
  if (!value->is_string()) {
    add_wrong_type(name, "a string");
    return std::nullopt;
  }
  return std::string(value->get_string());
}

std::optional<bool> JsonMembers::take_boolean(std::string_view name) {
  const auto value = take(name);
  if (!value) {
    return std::nullopt;
  }
  if (!value->is_bool()) {
    add_wrong_type(name, "true or false");
    return std::nullopt;
  }
  return value->get_bool();
}

std::optional<std::int64_t> JsonMembers::take_integer(std::string_view name) {
  const auto value = take(name);
  if (!value) {
    return std::nullopt;
  }
  if (!value->is_int64()) {
    add_wrong_type(name, "an integer");
    return std::nullopt;
  }
  return value->get_int64();
}

std::optional<std::vector<std::string>> JsonMembers::take_texts(std::string_view name) {
  const auto value = take(name);
  if (!value) {
    return std::nullopt;
  }
  std::vector<std::string> texts;
  if (value->is_array()) {
    for (const auto& item : value->get_array()) {
      if (!item.is_string()) {
        break;
      }
      texts.emplace_back(item.get_string());
    }
  }
  if (!value->is_array() || texts.size() != value->get_array().size()) {
    add_wrong_type(name, "a list of strings");
    return std::nullopt;
  }
  return texts;
}

bool JsonMembers::require(std::string_view name) {
  if (members_.contains(json::string_view(name.data(), name.size()))) {
    return true;
  }
  errors_.add(pointer_to(name), "required", "is missing");
  return false;
}

base::Result<void> JsonMembers::finish() {
  for (const auto& member : members_) {
    errors_.add(pointer_to({member.key().data(), member.key().size()}), "unknown_member", "is not a member here");
  }
  return errors_.result();
}

}  // namespace tallystick::access
