#include "cli/record_members.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace tallystick::cli {
namespace {

namespace json = boost::json;

std::string type_name_of(MemberType type) {
  switch (type) {
    case MemberType::kInteger:
      return "NUMBER";
    case MemberType::kBoolean:
      return "true|false";
    case MemberType::kNullableText:
      return "TEXT|none";
    case MemberType::kText:
    case MemberType::kTexts:
      return "TEXT";
  }
  return "TEXT";
}

std::optional<json::value> scalar_of(MemberType type, const std::string& text) {
  switch (type) {
    case MemberType::kInteger: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      const bool is_whole = error == std::errc{} && end == text.data() + text.size();
      return is_whole ? std::optional<json::value>(number) : std::nullopt;
    }
    case MemberType::kBoolean:
      return text == "true" || text == "false" ? std::optional<json::value>(text == "true") : std::nullopt;
    case MemberType::kNullableText:
      return text == "none" ? json::value() : json::value(text);
    case MemberType::kText:
    case MemberType::kTexts:
      return json::value(text);
  }
  return std::nullopt;
}

}  // namespace

void RecordMembers::add_to(Command command,
                           std::initializer_list<MemberOption> options,
                           std::initializer_list<std::string_view> required) {
  for (const MemberOption& declared : options) {
    Value& value = values_.emplace_back(Value{declared, {}, {}, {}});
    const std::string name(declared.option);
    const std::string description(declared.description);
    Option option = declared.type == MemberType::kTexts ? command.add_option(name, value.texts, description)
                                                        : command.add_option(name, value.text, description);
    option.type_name(type_name_of(declared.type));
    if (std::ranges::find(required, declared.option) != required.end()) {
      option.required();
    }
    value.option.push_back(option);
  }
}

base::Result<json::object> RecordMembers::body() const {
  json::object body;
  for (const Value& value : values_) {
    if (!value.option.front().is_given()) {
      continue;
    }
    if (value.declared.type == MemberType::kTexts) {
      const bool is_none = value.texts.size() == 1 && value.texts.front().empty();
      body[value.declared.member] = is_none ? json::array() : json::array(value.texts.begin(), value.texts.end());
      continue;
    }
    const auto scalar = scalar_of(value.declared.type, value.text);
    if (!scalar) {
      return base::fail(
          base::ErrorKind::kInvalid,
          "bad_parameters",
          fmt::format("{} takes {}, not {}", value.declared.option, type_name_of(value.declared.type), value.text));
    }
    body[value.declared.member] = *scalar;
  }
  return body;
}

}  // namespace tallystick::cli
