#include "base/toml_file.h"

#include <utility>

#include "base/toml_parser.h"

namespace tallystick::base {
namespace {

std::optional<TomlValue> convert(const toml::node& node) {
  if (const auto* text = node.as_string()) {
    return TomlValue{text->get()};
  }
  if (const auto* number = node.as_integer()) {
    return TomlValue{number->get()};
  }
  if (const auto* flag = node.as_boolean()) {
    return TomlValue{flag->get()};
  }
  const auto* array = node.as_array();
  if (array == nullptr) {
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) {
      return std::nullopt;
    }
    texts.push_back(text->get());
  }
  return TomlValue{std::move(texts)};
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<TomlItem>& out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      flatten(*inner, name + ".", out);
    } else {
      out.push_back({name, convert(node), key.source().begin.line});
    }
  }
}

}  // namespace

TomlFile parse_toml(std::string_view text) {
  TomlFile file;
  const toml::parse_result result = parse_toml_document(text, "");
  if (!result) {
    file.error = std::string(result.error().description());
    file.error_line = result.error().source().begin.line;
    return file;
  }
  flatten(result.table(), "", file.items);
  return file;
}

}  // namespace tallystick::base
