#pragma once
// Whether a user agent is one of the open list of crawlers (20-quality, `ua_crawler`), with the exceptions
// of crawler_exceptions.toml for browsers of people that a pattern hits by mistake. Compiled once at start.
// Immutable; thread-safe.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "crypto/sha256.h"
#include "quality/pattern_set.h"

namespace tallystick::quality {

class CrawlerMatcher {
 public:
  // `list` is the JSON of the crawler list, `exceptions` TOML. Error codes: "bad_crawler_list", "bad_exceptions",
  // "bad_pattern".
  [[nodiscard]] static base::Result<CrawlerMatcher> make(std::string_view list, std::string_view exceptions);
  // From the files in the binary; throws when those are broken.
  [[nodiscard]] static std::shared_ptr<const CrawlerMatcher> make_embedded();

  [[nodiscard]] bool is_crawler(std::string_view user_agent) const;
  // Whether it is word for word one of the list's own examples.
  [[nodiscard]] bool is_example(std::string_view user_agent) const;
  // The list's patterns that hit, excused or not; for people who ask why.
  [[nodiscard]] std::vector<std::string> find_patterns(std::string_view user_agent) const;

  [[nodiscard]] std::size_t pattern_count() const { return patterns_.size(); }
  [[nodiscard]] std::size_t exception_count() const { return exceptions_.size(); }
  // Patterns that Hyperscan could not take and that run as std::regex.
  [[nodiscard]] std::vector<std::string> fallback_patterns() const;
  // Over list and exceptions: part of a rule set's version.
  [[nodiscard]] const crypto::Digest& digest() const { return digest_; }

 private:
  struct Exception {
    std::size_t pattern = 0;  // number in the list
  };

  CrawlerMatcher(PatternSet set, std::vector<std::string> patterns, std::vector<Exception> exceptions)
      : set_(std::move(set)), patterns_(std::move(patterns)), exceptions_(std::move(exceptions)) {}

  PatternSet set_;  // the list's patterns, then the exceptions' agents
  std::vector<std::string> patterns_;
  std::vector<Exception> exceptions_;
  std::unordered_set<std::string> examples_;
  crypto::Digest digest_{};
};

}  // namespace tallystick::quality
