#include "base/toml_parser.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace tallystick::base {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Where a comment or string that begins at `at` ends; `at` itself when none does. What is not closed ends with its
// line, or with the text: the parser says so.
std::size_t skip_comment_or_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (quote == '#') {
    return std::min(text.find('\n', at), text.size());
  }
  if (quote != '"' && quote != '\'') {
    return at;
  }
  const bool is_multi_line = text.substr(at, 3) == std::string(3, quote);
  const std::string end(is_multi_line ? 3 : 1, quote);
  for (std::size_t i = at + end.size(); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text.substr(i, end.size()) == end) {
      return i + end.size();
    } else if (text[i] == '\n' && !is_multi_line) {
      return i;
    }
  }
  return text.size();
}

// The line of the first byte beyond ASCII where TOML 1.0 allows none.
std::optional<toml::source_index> find_stray_character(std::string_view text) {
  toml::source_index line = 1;
  for (std::size_t i = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; i < text.size();) {
    const std::size_t end = skip_comment_or_string(text, i);
    if (end == i) {
      if (static_cast<unsigned char>(text[i]) >= 0x80) {
        return line;
      }
      line += text[i] == '\n' ? 1U : 0U;
      ++i;
      continue;
    }
    for (; i < end; ++i) {
      line += text[i] == '\n' ? 1U : 0U;
    }
  }
  return std::nullopt;
}

}  // namespace

toml::parse_result parse_toml_document(std::string_view text, std::string_view name) {
  if (const auto line = find_stray_character(text)) {
    return toml::parse_result(toml::parse_error("a character beyond ASCII outside of a string or comment",
                                                toml::source_position{*line, 1},
                                                std::make_shared<const std::string>(name)));
  }
  return toml::parse(text, name);
}

}  // namespace tallystick::base
