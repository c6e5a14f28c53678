#include "base/config.h"

#include <array>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"

namespace tallystick::base {
namespace {

namespace fs = std::filesystem;

constexpr std::array<Setting, 6> kSettings = {{
    {"server.port", SettingType::kInteger, "8080", "Port.", 0, 65'535},
    {"server.tls", SettingType::kBoolean, "false", "TLS."},
    {"journal.sync", SettingType::kChoice, "always", "When to sync.", 0, 0, "always|interval"},
    {"journal.sync_interval_ms", SettingType::kInteger, "100", "How often.", 1},
    {"server.trusted_proxies", SettingType::kTextList, "", "Proxies."},
    {"records.url", SettingType::kText, "", "Address.", 0, 0, "", true},
}};

class ConfigTest : public testing::Test {
 protected:
  ConfigTest()
      : folder_(fs::temp_directory_path() / ("tallystick-config-" + std::to_string(SystemRandom().next_u64()))) {
    fs::create_directories(folder_);
  }
  ~ConfigTest() override { fs::remove_all(folder_); }

  Result<Config> load(std::string_view toml, std::vector<std::pair<std::string, std::string>> environment = {}) {
    EXPECT_TRUE(write_file_atomically(folder_ / "t.toml", toml));
    ConfigSource source;
    source.file = folder_ / "t.toml";
    source.environment = std::move(environment);
    return Config::load(kSettings, source);
  }

  fs::path folder_;
};

TEST_F(ConfigTest, DefaultsHoldWhereNothingIsSaid) {
  const auto config = load("");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->integer("server.port"), 8080);
  EXPECT_EQ(config->text("journal.sync"), "always");
  EXPECT_EQ(config->origin("journal.sync"), "default");
  EXPECT_TRUE(config->texts("server.trusted_proxies").empty());
}

TEST_F(ConfigTest, TheEnvironmentWinsOverTheFile) {
  const auto config =
      load("[journal]\nsync = 'always'\n[server]\nport = 9000\ntrusted_proxies = ['10.0.0.0/8', '::1']\n",
           {{"TALLYSTICK_JOURNAL_SYNC", "interval"}, {"HOME", "/root"}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->text("journal.sync"), "interval");
  EXPECT_EQ(config->origin("journal.sync"), "TALLYSTICK_JOURNAL_SYNC");
  EXPECT_EQ(config->integer("server.port"), 9000);
  EXPECT_EQ(config->origin("server.port"), "t.toml:4");
  EXPECT_EQ(config->texts("server.trusted_proxies"), (std::vector<std::string>{"10.0.0.0/8", "::1"}));
}

TEST_F(ConfigTest, ReportsEveryErrorWithItsLine) {
  const auto config = load(
      "[server]\n"
      "prot = 80\n"
      "port = 70000\n"
      "tls = 'yes'\n"
      "[journal]\n"
      "sync = 'never'\n"
      "sync_interval_ms = 0\n",
      {{"TALLYSTICK_SERVER_PROT", "1"}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, "bad_configuration");
  std::map<std::string, std::string> found;
  std::string details;
  for (const FieldError& field : config.error().fields) {
    found[field.pointer] = field.code;
    details += field.detail + "\n";
  }
  const std::map<std::string, std::string> expected = {{"t.toml:2", "unknown_setting"},
                                                       {"t.toml:3", "out_of_range"},
                                                       {"t.toml:4", "wrong_type"},
                                                       {"t.toml:6", "out_of_range"},
                                                       {"t.toml:7", "out_of_range"},
                                                       {"TALLYSTICK_SERVER_PROT", "unknown_setting"}};
  EXPECT_EQ(found, expected);
  EXPECT_NE(details.find("unknown setting server.prot; did you mean server.port?"), std::string::npos)
      << config.error().message;
  EXPECT_NE(details.find("did you mean TALLYSTICK_SERVER_PORT?"), std::string::npos) << details;
}

TEST_F(ConfigTest, NamesTheLineOfASyntaxError) {
  const auto config = load("[server]\nport = = 1\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().fields.at(0).pointer, "t.toml:2");
  EXPECT_EQ(config.error().fields.at(0).code, "bad_toml");
}

TEST_F(ConfigTest, ReadsSecretsFromFilesAndNeverShowsThem) {
  ASSERT_TRUE(write_file_atomically(folder_ / "url", "postgresql://u:hush@db/t\n", 0600));
  const auto config = load("records.url_file = '" + (folder_ / "url").string() + "'\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->text("records.url"), "postgresql://u:hush@db/t");
  EXPECT_EQ(config->shown("records.url"), "(secret)");
  const auto from_environment = load("", {{"TALLYSTICK_RECORDS_URL_FILE", (folder_ / "url").string()}});
  ASSERT_TRUE(from_environment);
  EXPECT_EQ(from_environment->text("records.url"), "postgresql://u:hush@db/t");
  EXPECT_FALSE(load("server.port_file = 'x'\n")) << "no secret, no file";
}

TEST(ConfigReference, HasARowPerSettingInTableOrder) {
  const std::string page = config_reference(std::span(kSettings).first(2));
  EXPECT_NE(page.find("| `port` | `TALLYSTICK_SERVER_PORT` | integer, 0 to 65535 | `8080` | Port. |"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("## [server]"), std::string::npos);
}

TEST(NearestName, SuggestsOnlyWhatIsNear) {
  constexpr std::array<std::string_view, 3> kNames = {"journal.sync", "server.port", "records.url"};
  EXPECT_EQ(nearest_name("journal.snyc", kNames), "journal.sync");
  EXPECT_EQ(nearest_name("sever.prot", kNames), "server.port");
  EXPECT_EQ(nearest_name("completely.different.thing", kNames), "");
}

}  // namespace
}  // namespace tallystick::base
