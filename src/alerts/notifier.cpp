#include "alerts/notifier.h"

#include <utility>

#include <fmt/format.h>

#include "alerts/email_message.h"
#include "alerts/pagerduty_event.h"
#include "alerts/slack_message.h"
#include "alerts/webhook_message.h"

namespace tallystick::alerts {
namespace {

constexpr std::size_t kMaxAnswerBytes = 256UZ * 1024;

// Whether the receiver may take the same later.
bool is_worth_a_retry(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

}  // namespace

base::Result<void> Notifier::send(const Channel& channel, const Notice& notice) const {
  switch (channel.kind) {
    case ChannelKind::kSlack:
      return post({.url = channel.url, .body = make_slack_message(notice)});
    case ChannelKind::kPagerduty:
      return send_pagerduty(channel, notice);
    case ChannelKind::kWebhook:
      return send_webhook(channel, notice);
    case ChannelKind::kEmail:
      return send_email(channel, notice);
  }
  return base::fail(base::ErrorKind::kInternal, "unknown_channel_kind", "a channel of no known kind");
}

base::Result<void> Notifier::send_pagerduty(const Channel& channel, const Notice& notice) const {
  TALLY_TRY(
      post({.url = channel.url, .body = make_pagerduty_event(notice, channel.secret, pagerduty_action(notice.cause))}));
  if (notice.cause != Cause::kTest) {
    return {};
  }
  return post({.url = channel.url, .body = make_pagerduty_event(notice, channel.secret, PagerdutyAction::kResolve)});
}

base::Result<void> Notifier::send_webhook(const Channel& channel, const Notice& notice) const {
  TALLY_ASSIGN(const auto key, parse_webhook_secret(channel.secret));
  std::string body = make_webhook_body(notice);
  auto headers = make_webhook_headers(notice, key, body, clock_.now());
  return post({.url = channel.url, .headers = std::move(headers), .body = std::move(body)});
}

base::Result<void> Notifier::send_email(const Channel& channel, const Notice& notice) const {
  if (options_.smtp.host.empty()) {
    return base::fail(base::ErrorKind::kUnprocessable,
                      "smtp_not_configured",
                      "there is no mail server: set alerts.smtp_host and alerts.smtp_from");
  }
  return http::send_mail(options_.smtp,
                         {.from = options_.mail_from,
                          .recipients = channel.recipients,
                          .text = make_email(notice, options_.mail_from, channel.recipients),
                          .allows_refused_recipients = notice.cause != Cause::kTest});
}

base::Result<void> Notifier::post(http::ClientRequest request) const {
  request.method = http::Method::kPost;
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("User-Agent", "tallystick");
  request.connect_timeout_ms = options_.connect_timeout_ms;
  request.total_timeout_ms = options_.total_timeout_ms;
  request.max_response_bytes = kMaxAnswerBytes;
  TALLY_ASSIGN(const http::ClientResponse answer, http::Client().send(request));
  if (answer.status >= 200 && answer.status < 300) {
    return {};
  }
  if (is_worth_a_retry(answer.status)) {
    return base::fail(base::ErrorKind::kUnavailable,
                      "delivery_deferred",
                      fmt::format("the receiver answered {}; it may take it later", answer.status));
  }
  return base::fail(base::ErrorKind::kUnprocessable,
                    "delivery_refused",
                    fmt::format("the receiver answered {}: look at the channel's URL and secret", answer.status));
}

}  // namespace tallystick::alerts
