#pragma once
// Many regular expressions in one Hyperscan database, scanned in one pass. What Hyperscan cannot take
// exactly (look-arounds, back-references) runs as std::regex, behind Hyperscan's own prefilter where it
// makes one. Nothing is ever dropped: what neither can take is an error naming it. Immutable;
// thread-safe: a scratch space is borrowed per scan and cloned when all are in use.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::quality {

struct Pattern {
  std::string expression;  // ECMAScript and PCRE in common
  bool is_caseless = false;
  bool is_literal = false;  // matched as it stands
};

class PatternSet {
 public:
  // Longer subjects are cut here: no browser sends such an agent.
  static constexpr std::size_t kMaxSubjectBytes = 2048;
  static constexpr std::size_t kMaxPatterns = 20'000;
  static constexpr std::size_t kMaxExpressionBytes = 1024;

  // Error code: "bad_pattern", with the pattern's number and text in the message.
  [[nodiscard]] static base::Result<PatternSet> make(std::span<const Pattern> patterns);

  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;
  ~PatternSet();

  [[nodiscard]] bool matches_any(std::string_view subject) const;
  // Numbers of the patterns found in `subject`, ascending.
  [[nodiscard]] std::vector<std::size_t> find_all(std::string_view subject) const;

  [[nodiscard]] std::size_t size() const;
  // Numbers of the patterns that run as std::regex.
  [[nodiscard]] const std::vector<std::size_t>& fallbacks() const;

 private:
  struct Compiled;
  explicit PatternSet(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

// The literal as a regular expression.
[[nodiscard]] std::string escape_pattern(std::string_view literal);

}  // namespace tallystick::quality
