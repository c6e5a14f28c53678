// What is sent, byte for byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alerts/email_message.h"
#include "alerts/notice.h"
#include "alerts/pagerduty_event.h"
#include "alerts/slack_message.h"
#include "alerts/webhook_message.h"
#include "base/encoding.h"

namespace tallystick::alerts {
namespace {

Notice make_notice(Cause cause = Cause::kRaised) {
  Notice notice;
  notice.id = base::parse_uuid("0190163d-8694-739b-aea5-966c26f8ad90").value();
  notice.cause = cause;
  notice.caused_at = base::parse_rfc3339("2023-11-14T22:13:20Z").value();
  notice.source = "tally.example.com";
  notice.alert.id = base::parse_uuid("0190163d-0000-7000-8000-000000000001").value();
  notice.alert.dedupe_key = "journal.disk";
  notice.alert.severity = Severity::kCritical;
  notice.alert.subject = "journal";
  notice.alert.summary = "the disk is full: <10 MB & falling";
  notice.alert.evidence = R"({"free_bytes":7})";
  notice.alert.occurrences = 3;
  notice.alert.first_at = base::parse_rfc3339("2023-11-14T22:00:00Z").value();
  notice.alert.last_at = notice.caused_at;
  return notice;
}

TEST(SlackMessage, IsATextWithAnAttachmentAndEscapesWhatSlackWouldRead) {
  EXPECT_EQ(make_slack_message(make_notice()),
            R"({"text":"Critical: the disk is full: &lt;10 MB &amp; falling",)"
            R"("attachments":[{"color":"#c0392b","fallback":"Critical: the disk is full: &lt;10 MB &amp; falling",)"
            R"("fields":[{"title":"Subject","value":"journal","short":true},)"
            R"({"title":"State","value":"open","short":true},)"
            R"({"title":"Occurrences","value":"3","short":true},)"
            R"({"title":"Since","value":"2023-11-14T22:00:00Z","short":true}],)"
            "\"footer\":\"tally.example.com \xC2\xB7 alert 0190163d-0000-7000-8000-000000000001\","
            R"("ts":1700000000}]})");
}

TEST(SlackMessage, SaysWhatHappenedToTheAlert) {
  EXPECT_THAT(make_slack_message(make_notice(Cause::kAcknowledged)), testing::HasSubstr(R"("text":"Acknowledged: )"));
  const std::string resolved = make_slack_message(make_notice(Cause::kResolved));
  EXPECT_THAT(resolved, testing::HasSubstr(R"("text":"Resolved: )"));
  EXPECT_THAT(resolved, testing::HasSubstr("#2e8b57"));
  EXPECT_THAT(make_slack_message(make_notice(Cause::kEscalated)), testing::HasSubstr(R"("text":"Critical: )"));
}

TEST(PagerdutyEvent, TriggersWithThePayloadOfTheEventsApi) {
  EXPECT_EQ(make_pagerduty_event(make_notice(), "R0UT1NG", PagerdutyAction::kTrigger),
            R"({"routing_key":"R0UT1NG","event_action":"trigger",)"
            R"("dedup_key":"tallystick:0190163d-0000-7000-8000-000000000001",)"
            R"("payload":{"summary":"the disk is full: <10 MB & falling","source":"tally.example.com",)"
            R"("severity":"critical","timestamp":"2023-11-14T22:13:20Z","component":"journal","class":"journal.disk",)"
            R"("custom_details":{"id":"0190163d-0000-7000-8000-000000000001","key":"journal.disk",)"
            R"("severity":"critical","subject":"journal","summary":"the disk is full: <10 MB & falling",)"
            R"("evidence":{"free_bytes":7},"state":"open","notes":"","occurrences":3,)"
            R"("first_at":"2023-11-14T22:00:00Z","last_at":"2023-11-14T22:13:20Z"}},"client":"Tallystick"})");
}

TEST(PagerdutyEvent, AcknowledgesAndResolvesByTheSameKeyAlone) {
  EXPECT_EQ(make_pagerduty_event(make_notice(), "K", pagerduty_action(Cause::kAcknowledged)),
            R"({"routing_key":"K","event_action":"acknowledge",)"
            R"("dedup_key":"tallystick:0190163d-0000-7000-8000-000000000001"})");
  EXPECT_EQ(make_pagerduty_event(make_notice(), "K", pagerduty_action(Cause::kResolved)),
            R"({"routing_key":"K","event_action":"resolve",)"
            R"("dedup_key":"tallystick:0190163d-0000-7000-8000-000000000001"})");
}

TEST(PagerdutyEvent, MapsSeveritiesAndKeepsTheSummaryWithinTheLimit) {
  EXPECT_EQ(pagerduty_action(Cause::kEscalated), PagerdutyAction::kTrigger);
  Notice notice = make_notice();
  notice.alert.summary = std::string(2'000, 'x');
  notice.alert.evidence = "not JSON";
  for (const Severity severity : {Severity::kInfo, Severity::kWarning}) {
    notice.alert.severity = severity;
    const std::string event = make_pagerduty_event(notice, "K", PagerdutyAction::kTrigger);
    EXPECT_THAT(event, testing::HasSubstr(std::string(R"("severity":")") + std::string(name_of(severity))));
    EXPECT_THAT(event, testing::HasSubstr(R"("summary":")" + std::string(1'024, 'x') + "\""));
    EXPECT_THAT(event, testing::HasSubstr(R"("evidence":"not JSON")"));
  }
}

// The reference vector of the Standard Webhooks libraries.
TEST(WebhookMessage, SignsTheReferenceVector) {
  const auto key = parse_webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  EXPECT_EQ(sign_webhook(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookMessage, HasTheThreeHeadersOfTheAttempt) {
  const auto key = parse_webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
  const auto headers = make_webhook_headers(make_notice(), key, "{}", base::Timestamp{1'700'000'060'999'999});
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0], (std::pair<std::string, std::string>("webhook-id", "0190163d-8694-739b-aea5-966c26f8ad90")));
  EXPECT_EQ(headers[1], (std::pair<std::string, std::string>("webhook-timestamp", "1700000060")));
  EXPECT_EQ(headers[2].first, "webhook-signature");
  EXPECT_EQ(headers[2].second, sign_webhook(key, "0190163d-8694-739b-aea5-966c26f8ad90", 1700000060, "{}"));
}

TEST(WebhookMessage, CarriesTheAlert) {
  EXPECT_EQ(make_webhook_body(make_notice(Cause::kResolved)),
            R"({"type":"alert.resolved","timestamp":"2023-11-14T22:13:20Z","source":"tally.example.com",)"
            R"("data":{"id":"0190163d-0000-7000-8000-000000000001","key":"journal.disk","severity":"critical",)"
            R"("subject":"journal","summary":"the disk is full: <10 MB & falling","evidence":{"free_bytes":7},)"
            R"("state":"open","notes":"","occurrences":3,"first_at":"2023-11-14T22:00:00Z",)"
            R"("last_at":"2023-11-14T22:13:20Z"}})");
}

TEST(WebhookMessage, SecretsHaveTheirForm) {
  base::SeededRandom random(1);
  const std::string made = make_webhook_secret(random);
  EXPECT_EQ(parse_webhook_secret(made).value().size(), 32U);
  EXPECT_NE(make_webhook_secret(random), made);
  const std::string too_short = "whsec_" + base::to_base64(std::vector<std::uint8_t>(23));
  const std::string too_long = "whsec_" + base::to_base64(std::vector<std::uint8_t>(65));
  for (const std::string& bad :
       {std::string(), std::string("whsec_"), made.substr(6), made + "!", too_short, too_long}) {
    EXPECT_FALSE(parse_webhook_secret(bad)) << bad;
  }
}

TEST(EmailMessage, IsAMailWithAThread) {
  EXPECT_EQ(make_email(make_notice(), "tally@example.com", {"ann@example.com", "bob@example.com"}),
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
            "From: Tallystick <tally@example.com>\r\n"
            "To: ann@example.com,\r\n bob@example.com\r\n"
            "Subject: Critical: the disk is full: <10 MB & falling\r\n"
            "Message-ID: <0190163d-8694-739b-aea5-966c26f8ad90@example.com>\r\n"
            "References: <alert.0190163d-0000-7000-8000-000000000001@example.com>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "Critical: the disk is full: <10 MB & falling\r\n"
            "\r\n"
            "Subject: journal\r\n"
            "Severity: critical\r\n"
            "State: open\r\n"
            "Occurrences: 3\r\n"
            "First: 2023-11-14T22:00:00Z\r\n"
            "Last: 2023-11-14T22:13:20Z\r\n"
            "\r\n"
            "Evidence: {\"free_bytes\":7}\r\n"
            "\r\n"
            // 75 characters of the line, then a soft line break.
            "Alert 0190163d-0000-7000-8000-000000000001 of tally.example.com. On its mac=\r\n"
            "hine: tallystick alerts show 0190163d-0000-7000-8000-000000000001\r\n");
}

TEST(EmailMessage, SubjectsBecomeEncodedWordsWhenTheyMust) {
  EXPECT_EQ(encode_header_text("plain"), "plain");
  // "Grüße" is 47 72 c3 bc c3 9f 65.
  EXPECT_EQ(encode_header_text("Gr\xC3\xBC\xC3\x9F"
                               "e"),
            "=?UTF-8?B?R3LDvMOfZQ==?=");
  EXPECT_EQ(encode_header_text("a =?x?"), "=?UTF-8?B?YSA9P3g/?=") << "what looks encoded is encoded";
  EXPECT_EQ(encode_header_text("a\r\nBcc: x@example.com"), "=?UTF-8?B?YQ0KQmNjOiB4QGV4YW1wbGUuY29t?=");
  // 39 bytes a word, never half a character: 38 bytes of x and two of ü, so that the first word has 38.
  EXPECT_EQ(encode_header_text(std::string(38, 'x') + "\xC3\xBC" + std::string(30, 'x')),
            "=?UTF-8?B?" + base::to_base64(base::as_bytes(std::string(38, 'x'))) + "?=\r\n =?UTF-8?B?" +
                base::to_base64(base::as_bytes("\xC3\xBC" + std::string(30, 'x'))) + "?=");
}

TEST(EmailMessage, BodiesAreQuotedPrintable) {
  EXPECT_EQ(encode_quoted_printable("a=b\nGr\xC3\xBC\xC3\x9F"
                                    "e \n"),
            "a=3Db\r\nGr=C3=BC=C3=9Fe=20\r\n");
  EXPECT_EQ(encode_quoted_printable("\n\n"), "\r\n\r\n");
  EXPECT_EQ(encode_quoted_printable(std::string(76, 'x')), std::string(75, 'x') + "=\r\nx\r\n");
  // An escape is not torn: 74 characters, and three more would be 77.
  EXPECT_EQ(encode_quoted_printable(std::string(74, 'x') + "="), std::string(74, 'x') + "=\r\n=3D\r\n");
}

TEST(EmailMessage, DatesAreThoseOfRfc5322) {
  EXPECT_EQ(format_mail_date(base::Timestamp{0}), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(format_mail_date(base::parse_rfc3339("2024-02-29T23:59:59.9Z").value()), "Thu, 29 Feb 2024 23:59:59 +0000");
}

TEST(Notice, HeadlinesAreOneLine) {
  Notice notice = make_notice();
  notice.alert.summary = "two\nlines";
  EXPECT_EQ(headline_of(notice), "Critical: two lines");
  notice.alert.summary = std::string(5'000, 'x');
  EXPECT_EQ(headline_of(notice).size(), kMaxSummaryBytes);
}

}  // namespace
}  // namespace tallystick::alerts
