#pragma once
// Reads a rule set from quality.toml and the files it names. Everything is checked before anything is used;
// errors name file and line. docs/quality.example.toml shows every key. One thread.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "quality/crawler_matcher.h"
#include "quality/rules.h"

namespace tallystick::quality {

class RuleSetLoader {
 public:
  static constexpr std::size_t kMaxPartners = 10'000;
  static constexpr std::size_t kMaxListFiles = 100;
  static constexpr std::size_t kMaxAgentEntries = 500;
  static constexpr std::size_t kMaxFileBytes = 64U << 20U;

  // `config`: path of quality.toml, or empty for the defaults. File names in it are relative to its folder.
  RuleSetLoader(std::shared_ptr<const CrawlerMatcher> crawlers, std::filesystem::path config);

  // Error codes: "quality_file_unreadable", "bad_quality_config", "bad_network_list", "bad_block_list",
  // "bad_geo_database". A geo database that is named but not there is no error: the rule is switched off, visibly.
  [[nodiscard]] base::Result<std::shared_ptr<const RuleSet>> load();

  // The files that the last load() read or looked for.
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  base::Result<std::string> load_file(const std::filesystem::path& path);

  std::shared_ptr<const CrawlerMatcher> crawlers_;
  std::filesystem::path config_;
  std::vector<std::filesystem::path> files_;
};

}  // namespace tallystick::quality
