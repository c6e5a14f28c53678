#pragma once
// Splits ClickHouse SQL into tokens, no more exactly than is needed to find a statement's clauses: comments are
// skipped, strings and quoted names are one token. Views into the text, which must outlive them. One thread.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tallystick::engine {

enum class TokenKind : std::uint8_t { kEnd, kWord, kQuotedName, kString, kSymbol };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text = {};  // as written; a symbol is one character
  std::size_t begin = 0;

  [[nodiscard]] std::size_t end() const { return begin + text.size(); }
  [[nodiscard]] bool is_symbol(char c) const { return kind == TokenKind::kSymbol && text.front() == c; }
  // Keywords are compared without case; `keyword` in upper case.
  [[nodiscard]] bool is_word(std::string_view keyword) const;
};

class SqlScanner {
 public:
  explicit SqlScanner(std::string_view sql) : sql_(sql) {}

  [[nodiscard]] Token next();
  // Parentheses, brackets and braces that are open after the last token.
  [[nodiscard]] int depth() const { return depth_; }

 private:
  void skip_space();
  [[nodiscard]] std::size_t find_quote_end(std::size_t begin, char quote) const;

  std::string_view sql_;
  std::size_t position_ = 0;
  int depth_ = 0;
};

}  // namespace tallystick::engine
