// The whole way, with workers of their own threads and receivers that check what they get as their owners would.
#include <atomic>
#include <thread>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tests/alerts/alert_fixture.h"
#include "tests/alerts/hook_receiver.h"
#include "tests/support/smtp_receiver.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

constexpr const char* kLiveSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// As a receiver does it, with OpenSSL and none of our code.
std::string expected_signature(const http::Request& request) {
  std::string key(24, '\0');
  const std::string text = std::string(kLiveSecret).substr(6);
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(key.data()),
                  reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  const std::string content = std::string(request.header("webhook-id")) + "." +
                              std::string(request.header("webhook-timestamp")) + "." + request.body;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(),
       key.data(),
       static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(content.data()),
       content.size(),
       digest,
       &size);
  std::string encoded(64, '\0');
  encoded.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), digest, static_cast<int>(size))));
  return "v1," + encoded;
}

class LiveDeliveries : public AlertFixture {
 protected:
  void SetUp() override {
    AlertFixture::SetUp();
    mailing_deliverer_ = std::make_unique<Deliverer>(Deliverer::Rooms{database(), *queue_, mailer_, log_, clock_});
    runner_ = std::make_unique<jobs::Runner>(
        *queue_, log_, jobs::RunnerOptions{.threads = 2, .node = "test", .poll_interval_us = 5'000});
    runner_->add_handler(std::string(kDeliverJob), [this](jobs::JobContext& context) {
      auto result = mailing_deliverer_->run(context);
      ++ended_;
      ended_.notify_all();
      return result;
    });
  }
  void TearDown() override { runner_->stop(); }

  void await_ended(int count) {
    for (int ended = ended_; ended < count; ended = ended_) {
      ended_.wait(ended);
    }
  }
  Channel create(ChannelKind kind, ChannelChange change) {
    change.name = std::string(name_of(kind));
    return channels_->create(kind, change, context_).value();
  }

  HookReceiver receiver_;
  const support::SmtpReceiver mail_{{.user = "tally", .password = "s3cret"}};
  const Notifier mailer_{NotifierOptions{.source = "tally.example.com",
                                         .smtp = {.host = "127.0.0.1",
                                                  .port = mail_.port(),
                                                  .tls = http::SmtpTls::kNone,
                                                  .user = "tally",
                                                  .password = "s3cret"},
                                         .mail_from = "tally@example.com"},
                         clock_};
  std::atomic<int> ended_ = 0;
  std::unique_ptr<Deliverer> mailing_deliverer_;
  std::unique_ptr<jobs::Runner> runner_;
};

TEST_P(LiveDeliveries, AWebhookIsRetriedAndItsSignatureHolds) {
  ChannelChange change;
  change.url = receiver_.url();
  change.secret = kLiveSecret;
  create(ChannelKind::kWebhook, change);
  receiver_.answer_next(500);
  runner_->start();
  const Alert alert = raise("disk", Severity::kCritical);
  ASSERT_TRUE(receiver_.await(1));
  await_ended(1);
  while (receiver_.requests().size() < 2) {  // until the queue's back-off has passed, whenever the runner looks
    clock_.advance_us(base::kMicrosPerMinute);
    std::this_thread::yield();
  }
  await_ended(2);
  const auto requests = receiver_.requests();
  for (const http::Request& request : requests) {
    EXPECT_EQ(request.header("webhook-signature"), expected_signature(request));
    EXPECT_EQ(request.header("webhook-id"), requests[0].header("webhook-id"));
    const json::value body = json::parse(request.body);
    EXPECT_EQ(body.at("type").as_string(), "alert.raised");
    EXPECT_EQ(body.at("data").at("id").as_string(), base::format_uuid(alert.id));
    EXPECT_EQ(body.at("data").at("severity").as_string(), "critical");
  }
  EXPECT_EQ(deliveries_of(alert), "raised sent");
}

TEST_P(LiveDeliveries, PagerdutyHearsTriggerAcknowledgeAndResolveOfOneIncident) {
  ChannelChange change;
  change.url = receiver_.url();
  change.secret = "R0UT1NG";
  create(ChannelKind::kPagerduty, change);
  receiver_.answer_next(202);
  runner_->start();
  const Alert alert = raise("disk");
  await_ended(1);
  ASSERT_TRUE(service_->acknowledge(alert.id, "", context_));
  await_ended(2);
  ASSERT_TRUE(service_->resolve(alert.id, "", context_));
  await_ended(3);
  std::vector<std::string> actions;
  for (const http::Request& request : receiver_.requests()) {
    const json::value event = json::parse(request.body);
    EXPECT_EQ(event.at("routing_key").as_string(), "R0UT1NG");
    EXPECT_EQ(event.at("dedup_key").as_string(), "tallystick:" + base::format_uuid(alert.id));
    actions.emplace_back(event.at("event_action").as_string());
  }
  EXPECT_EQ(actions, (std::vector<std::string>{"trigger", "acknowledge", "resolve"}));
}

TEST_P(LiveDeliveries, AMailReachesItsRecipients) {
  ChannelChange change;
  change.recipients = {"ann@example.com", "bob@example.com"};
  create(ChannelKind::kEmail, change);
  runner_->start();
  const Alert alert = raise("disk", Severity::kCritical);
  await_ended(1);
  const auto received = mail_.received();
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].user, "tally");
  EXPECT_EQ(received[0].from, "tally@example.com");
  EXPECT_EQ(received[0].recipients, *change.recipients);
  EXPECT_THAT(received[0].text, HasSubstr("\r\nSubject: Critical: look\r\n"));
  EXPECT_THAT(received[0].text, HasSubstr("\r\nTo: ann@example.com,\r\n bob@example.com\r\n"));
  const AlertHistory history = service_->get(alert.id).value();
  EXPECT_THAT(received[0].text,
              HasSubstr("Message-ID: <" + base::format_uuid(history.deliveries.at(0).id) + "@example.com>"));
  EXPECT_EQ(deliveries_of(alert), "raised sent");
}

TEST_P(LiveDeliveries, EveryChannelIsToldByItself) {
  ChannelChange slack;
  slack.url = "http://127.0.0.1:1/nobody-listens";
  create(ChannelKind::kSlack, slack);
  ChannelChange mail;
  mail.recipients = {"ann@example.com"};
  create(ChannelKind::kEmail, mail);
  runner_->start();
  const Alert alert = raise("disk");
  await_ended(2);
  EXPECT_EQ(mail_.received().size(), 1U);
  EXPECT_EQ(deliveries_of(alert), "raised sent; raised queued connect_failed");
}

TALLY_ON_BOTH_DATABASES(LiveDeliveries);

}  // namespace
}  // namespace tallystick::alerts
