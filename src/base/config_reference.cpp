#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/config.h"

namespace tallystick::base {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

std::string describe_type(const Setting& setting) {
  switch (setting.type) {
    case SettingType::kText:
      return setting.is_secret ? "secret string" : "string";
    case SettingType::kTextList:
      return "array of strings";
    case SettingType::kBoolean:
      return "boolean";
    case SettingType::kChoice: {
      std::string choices(setting.choices);
      std::replace(choices.begin(), choices.end(), '|', ' ');
      return fmt::format("one of `{}`", choices);
    }
    case SettingType::kInteger:
      return setting.max == std::numeric_limits<std::int64_t>::max()
                 ? fmt::format("integer, at least {}", setting.min)
                 : fmt::format("integer, {} to {}", setting.min, setting.max);
  }
  return "";
}

}  // namespace

std::string variable_name(std::string_view key, std::string_view prefix) {
  std::string name(prefix);
  for (const char c : key) {
    name += c == '.' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string config_reference(std::span<const Setting> settings) {
  std::string out =
      "# Configuration\n\n"
      "One TOML file (`tallystick serve --config tallystick.toml`) plus environment variables, which win over the "
      "file. Unknown keys are\n"
      "refused. `tallystick config check` reports every error at once; `tallystick config reference` writes this page. "
      "A setting marked\n"
      "secret may also be given as `<key>_file` (variable `..._FILE`): the path of a file that holds it.\n";
  std::string_view section;
  for (const Setting& setting : settings) {
    const std::size_t dot = setting.key.find('.');
    if (setting.key.substr(0, dot) != section) {
      section = setting.key.substr(0, dot);
      out += fmt::format(
          "\n## [{}]\n\n| key | variable | type | default | meaning |\n| --- | --- | --- | --- | --- |\n", section);
    }
    const std::string fallback = setting.fallback.empty() ? "" : fmt::format("`{}`", setting.fallback);
    out += fmt::format("| `{}` | `{}` | {} | {} | {} |\n",
                       setting.key.substr(dot + 1),
                       variable_name(setting.key),
                       describe_type(setting),
                       fallback,
                       setting.doc);
  }
  return out;
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(3, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (const std::size_t distance = edit_distance(name, candidate); distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace tallystick::base
