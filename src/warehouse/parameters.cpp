#include "warehouse/parameters.h"

#include <fmt/format.h>

namespace tallystick::warehouse {

namespace {

void append_escaped(std::string& out, std::string_view text, bool is_quoted) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\0':
        out += "\\0";
        break;
      case '\'':
        out += is_quoted ? "\\'" : "'";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

std::string array_parameter(std::span<const std::string> values) {
  std::string out = "[";
  for (const std::string& value : values) {
    out += out.size() > 1 ? ",'" : "'";
    append_escaped(out, value, true);
    out += '\'';
  }
  return out + "]";
}

std::string time_parameter(base::Timestamp time) {
  std::string text = base::format_rfc3339(time);
  text.pop_back();  // Z
  text[10] = ' ';
  return text;
}

std::string escape_parameter(std::string_view sql, std::string_view name, std::string_view value) {
  if (sql.find(fmt::format("{{{}:Array(", name)) != std::string_view::npos) {
    return std::string(value);
  }
  std::string out;
  append_escaped(out, value, false);
  return out;
}

}  // namespace tallystick::warehouse
