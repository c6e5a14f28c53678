#include "quality/crawler_matcher.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "embedded/crawler_exceptions.h"
#include "embedded/crawler_user_agents.h"
#include "quality/toml_reader.h"

namespace tallystick::quality {

namespace {

constexpr std::size_t kMaxExceptions = 500;

struct Entry {
  std::string pattern;
  std::vector<std::string> examples;
};

base::Result<std::vector<Entry>> parse_list(std::string_view text) {
  const auto bad = [](std::string message) {
    return base::fail(base::ErrorKind::kInvalid, "bad_crawler_list", std::move(message));
  };
  boost::system::error_code error;
  const boost::json::value root = boost::json::parse(text, error);
  if (error || !root.is_array() || root.as_array().empty()) {
    return bad("the crawler list is no JSON array of entries");
  }
  std::vector<Entry> entries;
  entries.reserve(root.as_array().size());
  for (const auto& item : root.as_array()) {
    const auto* object = item.if_object();
    const auto* pattern = object != nullptr ? object->if_contains("pattern") : nullptr;
    if (pattern == nullptr || !pattern->is_string()) {
      return bad(fmt::format("entry {} of the crawler list has no pattern", entries.size() + 1));
    }
    Entry entry{std::string(pattern->as_string()), {}};
    if (const auto* examples = object->if_contains("instances"); examples != nullptr && examples->is_array()) {
      for (const auto& example : examples->as_array()) {
        if (!example.is_string()) {
          return bad(fmt::format("an example of pattern '{}' is no string", entry.pattern));
        }
        entry.examples.emplace_back(example.as_string());
      }
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

struct ParsedException {
  std::string pattern;
  std::string agent;
};

base::Result<std::vector<ParsedException>> parse_exceptions(std::string_view text) {
  TALLY_ASSIGN(TomlReader reader, TomlReader::parse(text, "crawler_exceptions.toml"));
  std::vector<ParsedException> exceptions;
  reader.for_each_table("exception", kMaxExceptions, [&](TomlTable& table) {
    exceptions.push_back({table.get_string("pattern"), table.get_string("agent")});
    if (table.get_string("reason").empty()) {
      table.report("reason", "an exception needs a reason");
    }
  });
  TALLY_TRY(reader.finish("bad_exceptions"));
  return exceptions;
}

}  // namespace

base::Result<CrawlerMatcher> CrawlerMatcher::make(std::string_view list, std::string_view exceptions_text) {
  TALLY_ASSIGN(const auto entries, parse_list(list));
  TALLY_ASSIGN(const auto parsed, parse_exceptions(exceptions_text));
  std::vector<Pattern> expressions;
  std::vector<std::string> names;
  std::unordered_set<std::string> examples;
  std::unordered_map<std::string_view, std::size_t> numbers;
  for (const Entry& entry : entries) {
    numbers.emplace(entry.pattern, expressions.size());
    expressions.push_back({entry.pattern});
    names.push_back(entry.pattern);
    examples.insert(entry.examples.begin(), entry.examples.end());
  }
  std::vector<Exception> exceptions;
  for (const ParsedException& exception : parsed) {
    const auto number = numbers.find(exception.pattern);
    if (number == numbers.end()) {
      return base::fail(
          base::ErrorKind::kInvalid,
          "bad_exceptions",
          fmt::format("crawler_exceptions.toml: the crawler list has no pattern '{}'", exception.pattern));
    }
    exceptions.push_back({number->second});
    expressions.push_back({exception.agent});
  }
  TALLY_ASSIGN(PatternSet set, PatternSet::make(expressions));
  CrawlerMatcher matcher(std::move(set), std::move(names), std::move(exceptions));
  matcher.examples_ = std::move(examples);
  const auto list_digest = crypto::sha256(list);
  const auto exceptions_digest = crypto::sha256(exceptions_text);
  matcher.digest_ = crypto::Sha256().update(list_digest).update(exceptions_digest).finish();
  return matcher;
}

std::shared_ptr<const CrawlerMatcher> CrawlerMatcher::make_embedded() {
  auto matcher = make(embedded::crawler_user_agents(), embedded::crawler_exceptions());
  if (!matcher) {
    throw std::logic_error("the crawler list in the binary is broken: " + matcher.error().message);
  }
  return std::make_shared<const CrawlerMatcher>(*std::move(matcher));
}

bool CrawlerMatcher::is_crawler(std::string_view user_agent) const {
  const auto hits = set_.find_all(user_agent);
  const auto agents_begin = std::lower_bound(hits.begin(), hits.end(), patterns_.size());
  if (agents_begin == hits.begin()) {
    return false;
  }
  const bool is_excused = std::all_of(hits.begin(), agents_begin, [&](std::size_t pattern) {
    return std::any_of(agents_begin, hits.end(), [&](std::size_t hit) {
      return exceptions_[hit - patterns_.size()].pattern == pattern;
    });
  });
  return !is_excused || is_example(user_agent);
}

bool CrawlerMatcher::is_example(std::string_view user_agent) const {
  return examples_.contains(std::string(user_agent));
}

std::vector<std::string> CrawlerMatcher::find_patterns(std::string_view user_agent) const {
  std::vector<std::string> found;
  for (const std::size_t hit : set_.find_all(user_agent)) {
    if (hit < patterns_.size()) {
      found.push_back(patterns_[hit]);
    }
  }
  return found;
}

std::vector<std::string> CrawlerMatcher::fallback_patterns() const {
  std::vector<std::string> names;
  for (const std::size_t number : set_.fallbacks()) {
    names.push_back(number < patterns_.size() ? patterns_[number] : "an exception's agent");
  }
  return names;
}

}  // namespace tallystick::quality
