#include "base/config.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "base/file.h"
#include "base/toml_file.h"

namespace tallystick::base {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) {
      part.remove_prefix(1);
    }
    while (part.ends_with(' ')) {
      part.remove_suffix(1);
    }
    if (!part.empty()) {
      parts.emplace_back(part);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string_view type_name(SettingType type) {
  switch (type) {
    case SettingType::kText:
    case SettingType::kChoice:
      return "a string";
    case SettingType::kInteger:
      return "an integer";
    case SettingType::kBoolean:
      return "true or false";
    case SettingType::kTextList:
      return "an array of strings";
  }
  return "";
}

// Text of the environment (or a default) to the value that TOML would have given.
std::optional<TomlValue> value_from_text(SettingType type, std::string_view text) {
  switch (type) {
    case SettingType::kText:
    case SettingType::kChoice:
      return TomlValue{std::string(text)};
    case SettingType::kTextList:
      return TomlValue{split(text, ',')};
    case SettingType::kBoolean:
      if (text == "true" || text == "1" || text == "false" || text == "0") {
        return TomlValue{text == "true" || text == "1"};
      }
      return std::nullopt;
    case SettingType::kInteger: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
      }
      return TomlValue{number};
    }
  }
  return std::nullopt;
}

bool has_type(const TomlValue& value, SettingType type) {
  switch (type) {
    case SettingType::kText:
    case SettingType::kChoice:
      return std::holds_alternative<std::string>(value);
    case SettingType::kInteger:
      return std::holds_alternative<std::int64_t>(value);
    case SettingType::kBoolean:
      return std::holds_alternative<bool>(value);
    case SettingType::kTextList:
      return std::holds_alternative<std::vector<std::string>>(value);
  }
  return false;
}

// Why the value is outside what the setting allows, or "".
std::string find_violation(const Setting& setting, const TomlValue& value) {
  if (setting.type == SettingType::kInteger) {
    const std::int64_t number = std::get<std::int64_t>(value);
    if (number < setting.min || number > setting.max) {
      return setting.max == std::numeric_limits<std::int64_t>::max()
                 ? fmt::format("{} must be at least {}", setting.key, setting.min)
                 : fmt::format("{} must be from {} to {}", setting.key, setting.min, setting.max);
    }
  }
  if (setting.type == SettingType::kChoice) {
    const auto choices = split(setting.choices, '|');
    if (std::find(choices.begin(), choices.end(), std::get<std::string>(value)) == choices.end()) {
      return fmt::format("{} must be one of {}", setting.key, fmt::join(choices, ", "));
    }
  }
  return {};
}

}  // namespace

class ConfigLoader {
 public:
  ConfigLoader(std::span<const Setting> settings, const ConfigSource& source) : source_(source) {
    config_.settings_ = settings;
    for (const Setting& setting : settings) {
      const auto fallback = value_from_text(setting.type, setting.fallback);
      if (!fallback) {
        throw std::logic_error(fmt::format("default of {} has the wrong type", setting.key));
      }
      config_.entries_.emplace(std::string(setting.key), Config::Entry{&setting, *fallback});
      names_.push_back(setting.key);
    }
  }

  Result<Config> load() {
    if (source_.file) {
      load_file(*source_.file);
    }
    load_environment();
    if (findings_.empty()) {
      return std::move(config_);
    }
    std::string message = findings_.size() == 1
                              ? "there is an error in the configuration"
                              : fmt::format("there are {} errors in the configuration", findings_.size());
    return std::unexpected(Error{ErrorKind::kInvalid, "bad_configuration", std::move(message), std::move(findings_)});
  }

 private:
  void find(std::string where, std::string code, std::string detail) {
    findings_.push_back({std::move(where), std::move(code), std::move(detail)});
  }

  void load_file(const std::filesystem::path& file) {
    const auto text = read_file(file, kMaxFileBytes);
    if (!text) {
      find(file.filename().string(), text.error().code, text.error().message);
      return;
    }
    const TomlFile parsed = parse_toml(*text);
    const std::string name = file.filename().string();
    if (!parsed.error.empty()) {
      find(fmt::format("{}:{}", name, parsed.error_line), "bad_toml", parsed.error);
      return;
    }
    for (const TomlItem& item : parsed.items) {
      const std::string where = fmt::format("{}:{}", name, item.line);
      if (item.value) {
        set(item.key, *item.value, where);
      } else {
        find(where, "wrong_type", fmt::format("{} has a type that no setting has", item.key));
      }
    }
  }

  void load_environment() {
    std::vector<std::string> variables;
    variables.reserve(names_.size());
    for (const std::string_view name : names_) {
      variables.push_back(variable_name(name, source_.prefix));
    }
    for (const auto& [variable, text] : source_.environment) {
      if (!variable.starts_with(source_.prefix) ||
          std::find(source_.other_variables.begin(), source_.other_variables.end(), variable) !=
              source_.other_variables.end()) {
        continue;
      }
      const bool is_file = variable.ends_with("_FILE");
      const auto wanted = [&](std::string_view name) {
        return std::find(variables.begin(), variables.end(), name);
      };
      if (const auto exact = wanted(variable); exact != variables.end()) {
        set_text(config_.settings_[static_cast<std::size_t>(exact - variables.begin())], text, variable);
      } else if (const auto secret = wanted(std::string_view(variable).substr(0, variable.size() - 5));
                 is_file && secret != variables.end()) {
        set(fmt::format("{}_file", names_[static_cast<std::size_t>(secret - variables.begin())]),
            TomlValue{text},
            variable);
      } else {
        const std::vector<std::string_view> known(variables.begin(), variables.end());
        refuse_unknown(variable, nearest_name(variable, known), variable);
      }
    }
  }

  void set_text(const Setting& setting, std::string_view text, const std::string& where) {
    if (const auto value = value_from_text(setting.type, text)) {
      set(setting.key, *value, where);
    } else {
      find(where, "wrong_type", fmt::format("{} must be {}", setting.key, type_name(setting.type)));
    }
  }

  void set(std::string_view key, const TomlValue& value, const std::string& where) {
    if (const auto entry = config_.entries_.find(key); entry != config_.entries_.end()) {
      const Setting& setting = *entry->second.setting;
      if (!has_type(value, setting.type)) {
        find(where, "wrong_type", fmt::format("{} must be {}", key, type_name(setting.type)));
      } else if (const std::string violation = find_violation(setting, value); !violation.empty()) {
        find(where, "out_of_range", violation);
      } else {
        entry->second.value = value;
        entry->second.origin = where;
      }
      return;
    }
    const auto secret =
        key.ends_with("_file") ? config_.entries_.find(key.substr(0, key.size() - 5)) : config_.entries_.end();
    if (secret == config_.entries_.end() || !secret->second.setting->is_secret) {
      refuse_unknown(key, nearest_name(key, names_), where);
      return;
    }
    if (!std::holds_alternative<std::string>(value)) {
      find(where, "wrong_type", fmt::format("{} must be a path", key));
      return;
    }
    load_secret(secret->second, std::get<std::string>(value), where);
  }

  void load_secret(Config::Entry& entry, const std::string& path, const std::string& where) {
    auto content = read_file(path, 64 * 1024);
    if (!content) {
      find(where, content.error().code, content.error().message);
      return;
    }
    while (content->ends_with('\n') || content->ends_with('\r')) {
      content->pop_back();
    }
    entry.value = *std::move(content);
    entry.origin = fmt::format("{} ({})", where, path);
  }

  void refuse_unknown(std::string_view name, std::string_view nearest, const std::string& where) {
    find(where,
         "unknown_setting",
         nearest.empty() ? fmt::format("unknown setting {}", name)
                         : fmt::format("unknown setting {}; did you mean {}?", name, nearest));
  }

  const ConfigSource& source_;
  Config config_;
  std::vector<std::string_view> names_;
  std::vector<FieldError> findings_;
};

Result<Config> Config::load(std::span<const Setting> settings, const ConfigSource& source) {
  return ConfigLoader(settings, source).load();
}

const Config::Entry& Config::entry(std::string_view key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    throw std::logic_error(fmt::format("setting {} is not declared", key));
  }
  return found->second;
}

const std::string& Config::text(std::string_view key) const {
  return std::get<std::string>(entry(key).value);
}
std::int64_t Config::integer(std::string_view key) const {
  return std::get<std::int64_t>(entry(key).value);
}
bool Config::boolean(std::string_view key) const {
  return std::get<bool>(entry(key).value);
}
const std::vector<std::string>& Config::texts(std::string_view key) const {
  return std::get<std::vector<std::string>>(entry(key).value);
}
const std::string& Config::origin(std::string_view key) const {
  return entry(key).origin;
}

std::string Config::shown(std::string_view key) const {
  const Entry& found = entry(key);
  if (const auto* number = std::get_if<std::int64_t>(&found.value)) {
    return fmt::format("{}", *number);
  }
  if (const auto* flag = std::get_if<bool>(&found.value)) {
    return *flag ? "true" : "false";
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&found.value)) {
    return fmt::format("{}", fmt::join(*list, ","));
  }
  const auto& value = std::get<std::string>(found.value);
  return found.setting->is_secret && !value.empty() ? "(secret)" : value;
}

}  // namespace tallystick::base
