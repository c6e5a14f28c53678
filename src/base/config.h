#pragma once
// Configuration: one TOML file plus environment variables, checked against a table in which every setting
// is declared once. Unknown keys are refused with the nearest known name; all errors are reported at once,
// with file and line. Immutable and thread-safe after loading.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace tallystick::base {

enum class SettingType : std::uint8_t { kText, kChoice, kInteger, kBoolean, kTextList };

// One row of the table. Text is in the form of the environment: a list is separated by commas.
struct Setting {
  std::string_view key;  // "journal.sync_interval_ms"
  SettingType type = SettingType::kText;
  std::string_view fallback;  // the default
  std::string_view doc;       // one sentence
  std::int64_t min = 0;       // kInteger
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view choices = {};  // kChoice: "always|interval"
  bool is_secret = false;         // may come as `<key>_file`; never shown
};

struct ConfigSource {
  std::optional<std::filesystem::path> file;
  std::vector<std::pair<std::string, std::string>> environment;  // all of it; other prefixes are skipped
  std::string_view prefix = "TALLYSTICK_";
  std::span<const std::string_view> other_variables = {};  // with the prefix, but no settings
};

class Config {
 public:
  // `settings` must outlive the Config. Precedence: environment, file, default. Error code "bad_configuration", with
  // one entry of Error::fields per finding: pointer "tallystick.toml:12" or the variable's name.
  [[nodiscard]] static Result<Config> load(std::span<const Setting> settings, const ConfigSource& source);

  // Asking for an undeclared key or with the wrong type is a programming error (std::logic_error).
  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key) const;
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] const std::vector<std::string>& texts(std::string_view key) const;

  // Where the value came from: "default", "tallystick.toml:12", "TALLYSTICK_JOURNAL_SYNC".
  [[nodiscard]] const std::string& origin(std::string_view key) const;
  // For people; "(secret)" for a secret that is set.
  [[nodiscard]] std::string shown(std::string_view key) const;
  [[nodiscard]] std::span<const Setting> settings() const { return settings_; }

 private:
  friend class ConfigLoader;
  using Value = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;
  struct Entry {
    const Setting* setting = nullptr;
    Value value;
    std::string origin = "default";
  };
  [[nodiscard]] const Entry& entry(std::string_view key) const;

  std::span<const Setting> settings_;
  std::map<std::string, Entry, std::less<>> entries_;
};

// "journal.sync" to "TALLYSTICK_JOURNAL_SYNC".
[[nodiscard]] std::string variable_name(std::string_view key, std::string_view prefix = "TALLYSTICK_");

// The reference page in Markdown: one table per section.
[[nodiscard]] std::string config_reference(std::span<const Setting> settings);

// The candidate with the smallest edit distance, or "" when none is near.
[[nodiscard]] std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace tallystick::base
