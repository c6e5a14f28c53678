#include "http/smtp_client.h"

#include <gtest/gtest.h>

#include "tests/support/smtp_receiver.h"

namespace tallystick::http {
namespace {

SmtpServer server_of(const support::SmtpReceiver& receiver) {
  return {.host = "127.0.0.1", .port = receiver.port(), .tls = SmtpTls::kNone};
}

SmtpMessage make_message() {
  return {.from = "tally@example.com",
          .recipients = {"ann@example.com", "bob@example.com"},
          .text = "Subject: x\r\n\r\nfirst\r\n.second begins with a dot\r\n"};
}

TEST(SmtpClient, SendsAMessageToAllRecipients) {
  const support::SmtpReceiver receiver;
  const auto sent = send_mail(server_of(receiver), make_message());
  ASSERT_TRUE(sent) << sent.error().message;
  const auto received = receiver.received();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].from, "tally@example.com");
  EXPECT_EQ(received[0].recipients, (std::vector<std::string>{"ann@example.com", "bob@example.com"}));
  EXPECT_EQ(received[0].text, make_message().text);
  EXPECT_EQ(received[0].user, "");
}

TEST(SmtpClient, LogsInAndSaysWhenItMayNot) {
  const support::SmtpReceiver receiver({.user = "tally", .password = "correct horse"});
  SmtpServer server = server_of(receiver);
  server.user = "tally";
  server.password = "correct horse";
  ASSERT_TRUE(send_mail(server, make_message()));
  EXPECT_EQ(receiver.received().at(0).user, "tally");
  server.password = "wrong";
  const auto refused = send_mail(server, make_message());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "smtp_login_refused");
  EXPECT_EQ(refused.error().kind, base::ErrorKind::kUnprocessable);
  EXPECT_EQ(receiver.received().size(), 1U);
}

TEST(SmtpClient, ARefusedRecipientFailsTheWholeUnlessOthersAreEnough) {
  const support::SmtpReceiver receiver({.refused_recipients = {"ann@example.com"}});
  SmtpMessage message = make_message();
  const auto refused = send_mail(server_of(receiver), message);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "smtp_refused");
  EXPECT_EQ(refused.error().kind, base::ErrorKind::kUnprocessable);
  message.allows_refused_recipients = true;
  ASSERT_TRUE(send_mail(server_of(receiver), message));
  ASSERT_EQ(receiver.received().size(), 1U);
  EXPECT_EQ(receiver.received()[0].recipients, (std::vector<std::string>{"bob@example.com"}));
}

TEST(SmtpClient, WhatIsPutOffMayBeTriedAgain) {
  const support::SmtpReceiver receiver({.busy_times = 1});
  const auto later = send_mail(server_of(receiver), make_message());
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, "smtp_busy");
  EXPECT_EQ(later.error().kind, base::ErrorKind::kUnavailable);
  EXPECT_TRUE(send_mail(server_of(receiver), make_message()));
}

TEST(SmtpClient, SendsNothingWithoutTheEncryptionThatWasAskedFor) {
  const support::SmtpReceiver receiver;
  SmtpServer server = server_of(receiver);
  server.tls = SmtpTls::kStartTls;
  EXPECT_EQ(send_mail(server, make_message()).error().code, "tls_failed");
  server.tls = SmtpTls::kImplicit;
  server.total_timeout_ms = 5'000;
  EXPECT_FALSE(send_mail(server, make_message()));
  EXPECT_TRUE(receiver.received().empty());
}

TEST(SmtpClient, RefusesAddressesThatWouldEndTheirCommand) {
  const support::SmtpReceiver receiver;
  for (const char* bad : {"", "ann", "ann@example.com>\r\nDATA", "a b@example.com", "<ann@example.com>"}) {
    SmtpMessage message = make_message();
    message.recipients = {bad};
    EXPECT_EQ(send_mail(server_of(receiver), message).error().code, "bad_request") << bad;
  }
  SmtpServer server = server_of(receiver);
  server.host = "127.0.0.1/other";
  EXPECT_EQ(send_mail(server, make_message()).error().code, "bad_request");
}

TEST(SmtpClient, SaysWhenNobodyListens) {
  std::uint16_t port = 0;
  { port = support::SmtpReceiver().port(); }
  const SmtpServer server{.host = "127.0.0.1", .port = port, .tls = SmtpTls::kNone};
  EXPECT_EQ(send_mail(server, make_message()).error().code, "connect_failed");
}

}  // namespace
}  // namespace tallystick::http
