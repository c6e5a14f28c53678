// Alerts as an operator meets them: a channel made on the command line, a test, a check, and what was told where.
#include <gtest/gtest.h>

#include "tests/e2e/instance.h"
#include "tests/support/smtp_receiver.h"

namespace tallystick::e2e {
namespace {

namespace json = boost::json;

TEST(AlertChannels, AreMadeTriedChangedAndRemovedOnTheCommandLine) {
  const support::SmtpReceiver mail({.user = "tally", .password = "h0rse-battery"});
  Instance instance({{"ALERTS_SMTP_HOST", "127.0.0.1"},
                     {"ALERTS_SMTP_PORT", std::to_string(mail.port())},
                     {"ALERTS_SMTP_TLS", "none"},
                     {"ALERTS_SMTP_USER", "tally"},
                     {"ALERTS_SMTP_PASSWORD", "h0rse-battery"},
                     {"ALERTS_SMTP_FROM", "tally@example.com"}});
  EXPECT_NE(instance.run({"alerts", "channels", "list"}).output.find("told nowhere"), std::string::npos);
  const auto made =
      instance.run({"alerts", "channels", "create", "--name", "desk", "--kind", "email", "--to", "ann@example.com"});
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const auto tried = instance.run({"alerts", "channels", "test", "desk"});
  EXPECT_EQ(tried.exit_code, 0) << tried.output;
  ASSERT_EQ(mail.received().size(), 1U);
  EXPECT_NE(mail.received()[0].text.find("Subject: Test: somebody tries"), std::string::npos);

  const json::value hook = instance.run_json(
      {"alerts", "channels", "create", "--name", "crm", "--kind", "webhook", "--url", "http://127.0.0.1:1/hooks"});
  const std::string secret(hook.at("secret").as_string());
  EXPECT_TRUE(secret.starts_with("whsec_"));
  const auto failed = instance.run({"alerts", "channels", "test", "crm"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.output.find("connect_failed"), std::string::npos) << failed.output;
  const json::value changed = instance.run_json({"alerts",
                                                 "channels",
                                                 "change",
                                                 "crm",
                                                 "--disabled",
                                                 "--quiet-from",
                                                 "22:00",
                                                 "--quiet-to",
                                                 "07:00",
                                                 "--quiet-zone",
                                                 "Europe/Berlin"});
  EXPECT_EQ(changed.at("enabled"), false);
  EXPECT_EQ(changed.at("quiet_hours").at("time_zone"), "Europe/Berlin");
  EXPECT_EQ(instance.run({"alerts", "channels", "remove", "crm"}).exit_code, 0);
  EXPECT_EQ(instance.run({"alerts", "channels", "remove", "crm"}).exit_code, 1);
  EXPECT_EQ(instance.stop(), 0);
  for (const std::string& needle : {secret, std::string("h0rse-battery")}) {
    for (const std::string& file : files_with(instance.data(), needle)) {
      EXPECT_NE(file.find("records.db"), std::string::npos) << "a secret is in " << file;
    }
  }
}

TEST(Alerts, ARaiseIsToldCheckedAndSettled) {
  const support::SmtpReceiver mail;
  Instance instance({{"ALERTS_SMTP_HOST", "127.0.0.1"},
                     {"ALERTS_SMTP_PORT", std::to_string(mail.port())},
                     {"ALERTS_SMTP_TLS", "none"},
                     {"ALERTS_SMTP_FROM", "tally@example.com"},
                     {"CAPTURE_DEAD_LETTER_ALERT_ABOVE", "0"}});
  ASSERT_EQ(
      instance.run({"alerts", "channels", "create", "--name", "desk", "--kind", "email", "--to", "ann@example.com"})
          .exit_code,
      0);
  EXPECT_NE(instance.run({"alerts", "list"}).output.find("No alerts"), std::string::npos);
  // An event that validation refuses becomes a dead letter, of which none may be open here.
  const auto now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  const support::RawAnswer refused = instance.exchange(
      "POST",
      "/api/monetization/impression",
      "Content-Type: application/json\r\n",
      R"({"event_id":"01901640-0000-7000-8000-000000000001","placement_id":"nowhere","session_id":"s","occurred_at":)" +
          std::to_string(now_ms) + "}");
  ASSERT_NE(refused.body.find("unknown_placement"), std::string::npos) << refused.body;
  json::array alerts;
  ASSERT_TRUE(eventually([&] {
    alerts = instance.run_json({"alerts", "list", "--state", "open"}).at("items").as_array();
    return !alerts.empty() && !mail.received().empty();
  }));
  EXPECT_EQ(alerts.at(0).at("key"), "capture.dead_letters");
  const std::string id(alerts.at(0).at("id").as_string());
  EXPECT_NE(mail.received().at(0).text.find("Subject: Warning: 1 refused"), std::string::npos)
      << mail.received().at(0).text;
  const json::value checked = instance.run_json({"alerts", "check"});
  EXPECT_EQ(checked.at("checks").as_array().size(), 4U);
  EXPECT_EQ(checked.at("checks").at(0).at("remark"), "the warehouse is switched off");
  EXPECT_EQ(instance.run({"alerts", "acknowledge", id, "--notes", "on it"}).exit_code, 0);
  EXPECT_EQ(instance.run({"alerts", "resolve", id}).exit_code, 0);
  ASSERT_TRUE(eventually([&] {
    return !mail.received().empty() && mail.received().back().text.find("Subject: Resolved:") != std::string::npos;
  }));
  const auto shown = instance.run({"alerts", "show", id});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_NE(shown.output.find("on it"), std::string::npos) << shown.output;
  EXPECT_NE(shown.output.find("raised"), std::string::npos) << shown.output;
  const support::RawAnswer metrics = instance.exchange("GET", "/metrics");
  EXPECT_NE(metrics.body.find("tallystick_alerts_open{severity=\"warning\"} 0"), std::string::npos);
}

}  // namespace
}  // namespace tallystick::e2e
