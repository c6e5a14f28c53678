#include "engine/sql_scanner.h"

#include <algorithm>

#include "http/ascii.h"

namespace tallystick::engine {

namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool Token::is_word(std::string_view keyword) const {
  return kind == TokenKind::kWord && http::equals_ignoring_case(text, keyword);
}

void SqlScanner::skip_space() {
  while (position_ < sql_.size()) {
    const std::string_view rest = sql_.substr(position_);
    if (is_space(rest.front())) {
      ++position_;
    } else if (rest.starts_with("--") || rest.starts_with('#')) {
      position_ = std::min(sql_.find('\n', position_), sql_.size());
    } else if (rest.starts_with("/*")) {
      const std::size_t end = sql_.find("*/", position_ + 2);
      position_ = end == std::string_view::npos ? sql_.size() : end + 2;
    } else {
      return;
    }
  }
}

// One past the closing quote, which may be written twice or after a backslash to mean itself.
std::size_t SqlScanner::find_quote_end(std::size_t begin, char quote) const {
  for (std::size_t i = begin + 1; i < sql_.size(); ++i) {
    if (sql_[i] == '\\') {
      ++i;
    } else if (sql_[i] == quote) {
      if (i + 1 >= sql_.size() || sql_[i + 1] != quote) {
        return i + 1;
      }
      ++i;
    }
  }
  return sql_.size();
}

Token SqlScanner::next() {
  skip_space();
  if (position_ >= sql_.size()) {
    return {TokenKind::kEnd, {}, sql_.size()};
  }
  const std::size_t begin = position_;
  const char first = sql_[begin];
  TokenKind kind = TokenKind::kSymbol;
  position_ = begin + 1;
  if (first == '\'') {
    kind = TokenKind::kString;
    position_ = find_quote_end(begin, first);
  } else if (first == '`' || first == '"') {
    kind = TokenKind::kQuotedName;
    position_ = find_quote_end(begin, first);
  } else if (is_word_char(first)) {
    kind = TokenKind::kWord;
    position_ = static_cast<std::size_t>(
        std::find_if_not(sql_.begin() + static_cast<std::ptrdiff_t>(begin), sql_.end(), is_word_char) - sql_.begin());
  } else if (first == '(' || first == '[' || first == '{') {
    ++depth_;
  } else if (first == ')' || first == ']' || first == '}') {
    --depth_;
  }
  return {kind, sql_.substr(begin, position_ - begin), begin};
}

}  // namespace tallystick::engine
