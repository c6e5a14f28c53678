// The composition on a temporary data directory: keys, catalog, retention of secrets.
#include <filesystem>

#include <gtest/gtest.h>

#include "access/audit.h"
#include "access/service.h"
#include "base/file.h"
#include "partners/service.h"
#include "server/api_keys.h"
#include "server/application.h"
#include "server/catalog_refresher.h"
#include "server/settings.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::server {
namespace {

class CatalogTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = *records::Database::open({.url = "sqlite://" + (folder_.path() / "records.db").string()});
    ASSERT_TRUE(database_->migrate(clock_.now()));
    keys_ = std::make_unique<access::KeyService>(*database_, audit_, clock_, random_);
    partners_ = std::make_unique<partners::PartnerService>(*database_, audit_, clock_, random_);
    exposure_ = std::make_unique<exposure::ExposureService>(*database_, audit_, clock_, random_);
    catalog_ = std::make_unique<CatalogRefresher>(*partners_, *exposure_, make_key_source(*keys_, clock_));
  }

  support::TemporaryDirectory folder_;
  base::ManualClock clock_{base::parse_rfc3339("2026-01-31T12:00:00Z").value()};
  base::SystemRandom random_;
  access::AuditLog audit_{clock_, random_};
  std::unique_ptr<records::Database> database_;
  std::unique_ptr<access::KeyService> keys_;
  std::unique_ptr<partners::PartnerService> partners_;
  std::unique_ptr<exposure::ExposureService> exposure_;
  std::unique_ptr<CatalogRefresher> catalog_;
};

TEST_F(CatalogTest, ChangesTakeEffectAndAnOldSnapshotStaysWhole) {
  EXPECT_FALSE(catalog_->is_loaded());
  ASSERT_TRUE(catalog_->refresh().value());
  EXPECT_TRUE(catalog_->is_loaded());
  EXPECT_FALSE(catalog_->refresh().value()) << "nothing changed";
  const auto before = catalog_->catalog();
  partners::PartnerChange change;
  change.name = "Acme";
  change.currency = base::parse_currency("EUR").value();
  ASSERT_TRUE(partners_->create_partner("acme", change, {"test", "", ""}));
  ASSERT_TRUE(catalog_->refresh().value());
  EXPECT_EQ(before->find_partner("acme"), nullptr);
  const auto after = catalog_->catalog();
  ASSERT_NE(after->find_partner("acme"), nullptr);
  EXPECT_EQ(after->find_partner("acme")->currency, "EUR");
  EXPECT_FALSE(after->find_partner("acme")->is_paused);
  ASSERT_TRUE(partners_->set_partner_status("acme", partners::Status::kPaused, {"test", "", ""}));
  ASSERT_TRUE(catalog_->refresh().value());
  EXPECT_TRUE(catalog_->catalog()->find_partner("acme")->is_paused);
}

TEST_F(CatalogTest, AKeyLeavesTheCatalogWhenItExpiresOrIsRevoked) {
  const auto lasting = keys_->create({.name = "lasting", .scopes = {"conversions:write"}}, {"test", "", ""});
  const auto brief = keys_->create(
      {.name = "brief", .scopes = {"conversions:write"}, .expires_at = clock_.now() + base::kMicrosPerHour},
      {"test", "", ""});
  ASSERT_TRUE(lasting && brief);
  ASSERT_TRUE(catalog_->refresh().value());
  EXPECT_NE(catalog_->catalog()->find_key(access::key_digest(brief->secret)), nullptr);
  clock_.advance_us(base::kMicrosPerHour);
  ASSERT_TRUE(catalog_->refresh().value()) << "an expiry is a change";
  EXPECT_EQ(catalog_->catalog()->find_key(access::key_digest(brief->secret)), nullptr);
  EXPECT_NE(catalog_->catalog()->find_key(access::key_digest(lasting->secret)), nullptr);
  EXPECT_FALSE(catalog_->refresh().value());
  ASSERT_TRUE(keys_->revoke(lasting->key.id, {"test", "", ""}));
  ASSERT_TRUE(catalog_->refresh().value());
  EXPECT_EQ(catalog_->catalog()->find_key(access::key_digest(lasting->secret)), nullptr);
}

TEST(Application, ShowsTheFirstKeyOnceAndNeverLogsIt) {
  const support::TemporaryDirectory folder;
  const auto config = load_config(std::nullopt,
                                  {{"TALLYSTICK_DATA_DIRECTORY", (folder.path() / "data").string()},
                                   {"TALLYSTICK_HTTP_PORT", "0"},
                                   {"TALLYSTICK_HTTP_ADDRESS", "127.0.0.1"},
                                   {"TALLYSTICK_LOG_LEVEL", "debug"},
                                   {"TALLYSTICK_LOG_FILE", (folder.path() / "log").string()}});
  ASSERT_TRUE(config) << config.error().message;
  std::string announced;
  StartOptions options;
  options.with_demo_key = true;
  options.announce = [&](std::string_view text) {
    announced += text;
  };
  for (int start = 0; start < 2; ++start) {
    const auto application = Application::start(*config, options);
    ASSERT_TRUE(application) << application.error().message;
    EXPECT_NE((*application)->port(), 0);
  }
  const std::size_t at = announced.find("tsk_");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(announced.find("tsk_", at + 4), std::string::npos) << "the second start shows none";
  const std::string log = base::read_file(folder.path() / "log", 1 << 20).value();
  EXPECT_NE(log.find("journal opened"), std::string::npos);
  EXPECT_EQ(log.find("tsk_"), std::string::npos);
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(folder.path() / "data" / "keys").permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(folder.path() / "data" / "keys" / "demo.key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists(folder.path() / "data" / "address")) << "gone with the server";
}

}  // namespace
}  // namespace tallystick::server
