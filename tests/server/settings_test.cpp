#include "server/settings.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/file.h"

namespace tallystick::server {
namespace {

TEST(Settings, EveryDefaultIsWithinItsOwnRange) {
  for (const base::Setting& setting : settings()) {
    if (setting.type == base::SettingType::kInteger) {
      const std::int64_t number = std::stoll(std::string(setting.fallback));
      EXPECT_GE(number, setting.min) << setting.key;
      EXPECT_LE(number, setting.max) << setting.key;
    }
    EXPECT_TRUE(setting.doc.ends_with('.')) << setting.key;
  }
}

TEST(Settings, NoTwoShareAVariable) {
  std::set<std::string> seen(command_variables().begin(), command_variables().end());
  for (const base::Setting& setting : settings()) {
    EXPECT_TRUE(seen.insert(base::variable_name(setting.key)).second) << setting.key;
  }
}

TEST(Settings, TheCommittedReferenceIsTheGeneratedOne) {
  const auto page = base::read_file(TALLYSTICK_SOURCE_DIR "/docs/configuration.md", 1 << 20);
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(*page, base::config_reference(settings()))
      << "run: tallystick config reference --output docs/configuration.md";
}

TEST(Settings, LoadsFromTheEnvironmentAlone) {
  const auto config =
      load_config(std::nullopt, {{"TALLYSTICK_JOURNAL_SYNC", "interval"}, {"TALLYSTICK_API_KEY", "not a setting"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->text("journal.sync"), "interval");
  EXPECT_EQ(config->integer("http.port"), 8080);
}

}  // namespace
}  // namespace tallystick::server
