// The checks that the server registers, and how it reads the settings of its mail server.
#include "server/alert_checks.h"

#include <gtest/gtest.h>

#include "capture/dead_letter_store.h"
#include "server/alert_parts.h"
#include "server/settings.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::server {
namespace {

base::Config config_of(const Environment& environment) {
  return load_config(std::nullopt, environment).value();
}

class RegisteredChecks : public testing::Test {
 protected:
  void SetUp() override {
    database_ = *records::Database::open({.url = "sqlite://" + (folder_.path() / "records.db").string()});
    ASSERT_TRUE(database_->migrate(clock_.now()));
    queue_ = std::make_unique<jobs::Queue>(*database_, audit_, clock_, random_);
  }
  alerts::CheckResult run(std::string_view name) {
    for (const alerts::Check& check : make_alert_checks({config_, *database_, *queue_, insights_, clock_})) {
      if (check.name == name) {
        return check.run().value();
      }
    }
    throw std::runtime_error("no check of that name");
  }
  void add_dead_job(const std::string& kind) {
    const auto job = queue_->enqueue({.kind = kind});
    ASSERT_TRUE(job);
    const auto killed = database_->write<bool>([&](soci::session& session) -> base::Result<bool> {
      const std::string id = base::format_uuid(job->id);
      session << "UPDATE jobs SET state = 'dead' WHERE id = :id", soci::use(id, "id");
      return true;
    });
    ASSERT_TRUE(killed);
  }

  support::TemporaryDirectory folder_;
  base::ManualClock clock_{base::parse_rfc3339("2026-01-31T12:00:00Z").value()};
  base::SystemRandom random_;
  access::AuditLog audit_{clock_, random_};
  base::Config config_ = config_of({{"TALLYSTICK_CAPTURE_DEAD_LETTER_ALERT_ABOVE", "1"}});
  std::unique_ptr<records::Database> database_;
  std::unique_ptr<jobs::Queue> queue_;
  insights::InsightsService insights_{nullptr, clock_, "UTC"};
};

TEST_F(RegisteredChecks, DeadJobsAreToldByKindButNotThoseThatTellAlerts) {
  EXPECT_TRUE(run("jobs.dead").occurrences.empty());
  add_dead_job("report.import");
  add_dead_job("report.import");
  add_dead_job("alerts.deliver");
  const auto found = run("jobs.dead").occurrences;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].dedupe_key, "jobs.dead:report.import");
  EXPECT_EQ(found[0].evidence, R"({"kind":"report.import","dead":2})");
}

TEST_F(RegisteredChecks, OpenDeadLettersAreToldAboveTheirLimit) {
  const auto add = [&](const std::string& id, std::int64_t sequence) {
    const auto added = database_->write<bool>([&](soci::session& session) -> base::Result<bool> {
      capture::DeadLetterRow row;
      row.id = id;
      row.sequence = sequence;
      capture::insert_dead_letter(session, row);
      return true;
    });
    ASSERT_TRUE(added) << added.error().message;
  };
  add("0190163d-8694-739b-aea5-966c26f8ad90", 1);
  EXPECT_TRUE(run("capture.dead_letters").occurrences.empty());
  EXPECT_EQ(run("capture.dead_letters").remark, "1 open");
  add("0190163d-8694-739b-aea5-966c26f8ad91", 2);
  ASSERT_EQ(run("capture.dead_letters").occurrences.size(), 1U);
  EXPECT_EQ(run("capture.dead_letters").occurrences[0].dedupe_key, "capture.dead_letters");
}

TEST_F(RegisteredChecks, WithoutAWarehouseNoRateIsCompared) {
  EXPECT_EQ(run("rates").remark, "the warehouse is switched off");
}

TEST(NotifierOptions, WithoutAHostThereIsNoMail) {
  const auto options = notifier_options(config_of({{"TALLYSTICK_HTTP_PUBLIC_URL", "https://tally.example.com"}}));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->source, "tally.example.com");
  EXPECT_TRUE(options->smtp.host.empty());
}

TEST(NotifierOptions, AMailServerNeedsASenderAndAPasswordEncryption) {
  Environment environment = {{"TALLYSTICK_ALERTS_SMTP_HOST", "mail.example.com"}};
  EXPECT_EQ(notifier_options(config_of(environment)).error().code, "bad_configuration");
  environment.emplace_back("TALLYSTICK_ALERTS_SMTP_FROM", "tally@example.com");
  const auto options = notifier_options(config_of(environment));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->smtp.port, 587);
  EXPECT_EQ(options->smtp.tls, http::SmtpTls::kStartTls);
  environment.emplace_back("TALLYSTICK_ALERTS_SMTP_USER", "tally");
  EXPECT_TRUE(notifier_options(config_of(environment)));
  environment.emplace_back("TALLYSTICK_ALERTS_SMTP_TLS", "none");
  EXPECT_EQ(notifier_options(config_of(environment)).error().code, "bad_configuration");
  environment[0].second = "127.0.0.1";
  EXPECT_TRUE(notifier_options(config_of(environment))) << "the password stays on this machine";
}

}  // namespace
}  // namespace tallystick::server
